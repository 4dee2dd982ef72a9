package io.moineau.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Runs the example as a user would, on the built-in model. */
final class LangChain4jExampleTest {
  @Test
  void example_onTheBuiltInModel_tellsAndCompares() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      LangChain4jExample.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    String text = out.toString(StandardCharsets.UTF_8);
    before.println(text);
    assertThat(text)
        .containsPattern("story: \\S+")
        .containsPattern("streamed: \\S+")
        .containsPattern("tokens: [1-9]")
        .containsPattern("dimensions: [1-9]")
        .contains("nearer: the same text");
  }
}
