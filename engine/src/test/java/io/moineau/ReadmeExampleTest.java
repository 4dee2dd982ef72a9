package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java example of the README, as a reader would copy it, compiles and runs. */
class ReadmeExampleTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("<!-- example -->\\s*```java\\n(.*?)```", Pattern.DOTALL);

  @Test
  void readme_example_compilesAndRuns(@TempDir Path folder) throws Exception {
    Path readme = Path.of(System.getProperty("moineau.root", "..")).resolve("README.md");
    Matcher matcher = EXAMPLE.matcher(Files.readString(readme));
    assertThat(matcher.find()).as("README.md has a block of Java after <!-- example -->").isTrue();
    String source = matcher.group(1);
    Matcher name = Pattern.compile("class (\\w+)").matcher(source);
    assertThat(name.find()).isTrue();
    Path file = folder.resolve(name.group(1) + ".java");
    Files.writeString(file, source);

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                null,
                java.util.List.of(
                    "-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                null,
                compiler
                    .getStandardFileManager(null, null, StandardCharsets.UTF_8)
                    .getJavaFileObjects(file))
            .call();
    assertThat(compiled).as(messages.toString()).isTrue();

    PrintStream standard = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, ReadmeExampleTest.class.getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader
          .loadClass(name.group(1))
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(standard);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains(" tokens, ");
  }
}
