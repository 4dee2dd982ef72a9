package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/clients.md} says what is tested, no more: its table is made from the names of the
 * tests, which begin with the feature that they try ({@code stream_...} in Java, {@code 'stream:
 * ...'} in JavaScript).
 *
 * <p>To renew it: {@code MOINEAU_RENEW=1 ./mvnw -pl clients -am test -Dtest=ClientMatrixTest
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ClientMatrixTest {
  private static final Path ROOT = Path.of(System.getProperty("moineau.root", ".."));
  private static final String BEGIN = "<!-- made by ClientMatrixTest -->\n";
  private static final String END = "<!-- end -->";

  /** Features in order: the beginning of a test's name, and the words of the table. */
  private static final Map<String, String> FEATURES = new LinkedHashMap<>();

  static {
    FEATURES.put("chat", "chat, system message, many turns, usage");
    FEATURES.put("stream", "streaming: the pieces equal the whole, usage at the end");
    FEATURES.put("tools", "tools in a loop: call, result, answer");
    FEATURES.put("toolsStreamed", "tools while streaming");
    FEATURES.put("structured", "structured output, read into a class");
    FEATURES.put("logprobs", "log probabilities");
    FEATURES.put("completions", "plain completions");
    FEATURES.put("responses", "the responses API, with streams and tools");
    FEATURES.put("embeddings", "embeddings");
    FEATURES.put("countTokens", "counting tokens");
    FEATURES.put("models", "list of models");
    FEATURES.put("errors", "errors as the client's own exceptions");
    FEATURES.put("keys", "keys that work, are wrong or spent");
    FEATURES.put("busy", "429 when the queue is full");
    FEATURES.put("cancel", "cancelling a stream frees its place");
    FEATURES.put("parallel", "many requests at once");
  }

  private record Client(String name, String versionFile, String versionKey, List<String> tests) {}

  private static final String JAVA = "clients/src/test/java/io/moineau/clients/";
  private static final String POM = "clients/pom.xml";
  private static final String NPM = "clients/npm/package.json";

  private static final List<Client> CLIENTS =
      List.of(
          new Client(
              "openai-java",
              POM,
              "openai-java",
              List.of(
                  JAVA + "OpenAiChatTest.java",
                  JAVA + "OpenAiToolsTest.java",
                  JAVA + "OpenAiResponsesTest.java",
                  JAVA + "OpenAiErrorsTest.java",
                  JAVA + "OpenAiKeysTest.java")),
          new Client(
              "anthropic-java",
              POM,
              "anthropic-java",
              List.of(JAVA + "AnthropicTest.java", JAVA + "AnthropicKeysTest.java")),
          langChain4j("openai", "open-ai", "OpenAi"),
          langChain4j("anthropic", "anthropic", "Anthropic"),
          langChain4j("ollama", "ollama", "Ollama", JAVA + "LangChain4jOllamaKeysTest.java"),
          new Client(
              "Spring AI, openai",
              "clients/spring/pom.xml",
              "spring-ai-openai",
              List.of("clients/spring/src/test/java/io/moineau/clients/spring/SpringAiTest.java")),
          npm("openai", "openai"),
          npm("@anthropic-ai/sdk", "anthropic"),
          npm("ollama", "ollama"));

  /** What a test of the class in question skips. */
  private static final Map<String, Set<String>> SKIPPED =
      Map.of("LangChain4j, ollama", Set.of("tools", "toolsStreamed"));

  private static Client langChain4j(String name, String artifact, String test, String... more) {
    List<String> tests = new ArrayList<>();
    tests.add(JAVA + "LangChain4jChecks.java");
    tests.add(JAVA + "LangChain4j" + test + "Test.java");
    tests.addAll(List.of(more));
    return new Client("LangChain4j, " + name, POM, "langchain4j-" + artifact, tests);
  }

  private static Client npm(String name, String test) {
    return new Client("npm " + name, NPM, name, List.of("clients/npm/" + test + ".test.js"));
  }

  @Test
  void table_inTheDocument_isWhatTheTestsTry() throws IOException {
    Path document = ROOT.resolve("docs/clients.md");
    String text = Files.readString(document);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    String table = table();
    if (System.getenv("MOINEAU_RENEW") != null) {
      Files.writeString(document, text.substring(0, begin) + table + text.substring(end));
    } else {
      assertThat(text.substring(begin, end))
          .as("docs/clients.md; the comment of this class says how to renew it")
          .isEqualTo(table);
    }
  }

  private static String table() throws IOException {
    Map<Client, Set<String>> tried = new LinkedHashMap<>();
    for (Client client : CLIENTS) {
      Set<String> features = new TreeSet<>();
      for (String file : client.tests) {
        features.addAll(features(file));
      }
      features.removeAll(SKIPPED.getOrDefault(client.name, Set.of()));
      tried.put(client, features);
    }
    StringBuilder table = new StringBuilder("| |");
    for (Client client : CLIENTS) {
      table.append(' ').append(client.name).append(' ').append(version(client)).append(" |");
    }
    table.append("\n| --- |").append(" --- |".repeat(CLIENTS.size())).append('\n');
    FEATURES.forEach((feature, words) -> {
      table.append("| ").append(words).append(" |");
      tried.forEach((client, features) -> table.append(cell(features.contains(feature))));
      table.append('\n');
    });
    return table.toString();
  }

  private static String cell(boolean works) {
    return works ? " works |" : " not tried |";
  }

  private static Set<String> features(String file) throws IOException {
    Pattern name =
        Pattern.compile(file.endsWith(".js") ? "(?m)^test\\('(\\w+):" : "@Test\\s+void (\\w+?)_");
    Matcher matcher = name.matcher(Files.readString(ROOT.resolve(file)));
    Set<String> features = new TreeSet<>();
    while (matcher.find()) {
      features.add(matcher.group(1));
    }
    assertThat(features).as(file).isSubsetOf(FEATURES.keySet());
    return features;
  }

  private static String version(Client client) throws IOException {
    String pattern =
        client.versionFile.endsWith(".json")
            ? Pattern.quote("\"" + client.versionKey + "\": \"") + "([^\"]+)"
            : Pattern.quote("<artifactId>" + client.versionKey + "</artifactId><version>")
                + "([^<]+)";
    Matcher matcher =
        Pattern.compile(pattern).matcher(Files.readString(ROOT.resolve(client.versionFile)));
    assertThat(matcher.find()).as(client.versionKey + " in " + client.versionFile).isTrue();
    return matcher.group(1);
  }
}
