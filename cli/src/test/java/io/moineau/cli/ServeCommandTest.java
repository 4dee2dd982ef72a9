package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.moineau.cli.CommandLineTest.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code moineau serve}: what it says, and how it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ServeCommandTest {
  @TempDir Path folder;

  @Test
  void serve_addressThatOthersReach_needsAKeyOrConsent() throws IOException {
    String store = "jdbc:h2:file:" + folder.resolve("store").toAbsolutePath();
    Result result = CommandLineTest.run("", "serve", "--host", "0.0.0.0", "--store", store);
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--without-keys").contains("moineau keys add NAME");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("an empty store is not left behind").isEmpty();
    }
    CommandLineTest.run("", "keys", "add", "gone", "--store", store);
    CommandLineTest.run("", "keys", "revoke", "gone", "--store", store);
    Result revoked = CommandLineTest.run("", "serve", "--host", "0.0.0.0", "--store", store);
    assertThat(revoked.code()).isEqualTo(ExitCode.USAGE);
    assertThat(revoked.err()).contains("moineau keys add NAME");
  }

  @ParameterizedTest
  @CsvSource({
    "--tls-cert x.pem,--tls-key",
    "--tls-key x.pem,--tls-cert",
    "--keys --without-keys,opposite",
    "--cors-origin https://a.example/path,without a path",
    "--trusted-proxies proxy.example,10.0.0.0/8",
  })
  void serve_optionsThatDoNotFit_areNamed(String options, String said) {
    List<String> words = new ArrayList<>(List.of("serve"));
    words.addAll(List.of(options.split(" ")));
    Result result = CommandLineTest.run("", words.toArray(String[]::new));
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(said);
  }

  @Test
  void serve_certificateThatIsNotThere_isNamedBeforeTheModelIsLoaded() {
    Result result =
        CommandLineTest.run("", "serve", "nowhere.gguf", "--tls-cert", "x.pem", "--tls-key", "y");
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.err()).contains("x.pem").doesNotContain("nowhere.gguf");
  }

  @Test
  void serve_catalogueWithAMistake_isNamedBeforeTheModelIsLoaded() throws IOException {
    Path file = folder.resolve("own.yaml");
    Files.writeString(file, "moineau-catalogue: 1\nversion: 2026-11-21\nchips:\n  - name: A\n");
    Result result =
        CommandLineTest.run("", "serve", "nowhere.gguf", "--catalogue", folder.toString());
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.err()).contains("own.yaml line 4").doesNotContain("nowhere.gguf");
    Result none = CommandLineTest.run("", "serve", "nowhere.gguf", "--catalogue", "nofolder");
    assertThat(none.err()).contains("no such folder: nofolder").doesNotContain("nowhere.gguf");
  }

  @Test
  void serve_valuesOutOfRange_areNamed() {
    Result result = CommandLineTest.run("", "serve", "--port", "99999");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--port is 99999").contains("65535");
  }

  @Test
  void serve_portThatIsTaken_isNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Result result =
          CommandLineTest.run("", "serve", "-c", "64", "--port", "" + taken.getLocalPort());
      assertThat(result.code()).isEqualTo(ExitCode.ERROR);
      assertThat(result.err()).contains("port is taken").contains("" + taken.getLocalPort());
    }
  }

  @Test
  void serve_builtInModel_answersAndEndsOnSigterm() throws IOException, InterruptedException {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"),
        "skipped: a process of Windows cannot be asked to end");
    Path classes = folder.resolve("classes.log");
    Process process = serve(List.of("-Xlog:class+load:file=" + classes));
    try (BufferedReader out = reader(process.getInputStream());
        BufferedReader err = reader(process.getErrorStream())) {
      String uri = uri(out);
      assertThat(uri).startsWith("http://127.0.0.1:");
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(uri + "/v1/chat/completions"))
                      .timeout(Duration.ofSeconds(60))
                      .POST(
                          HttpRequest.BodyPublishers.ofString(
                              "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],"
                                  + "\"temperature\":0,\"max_tokens\":4}"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(out.readLine())
          .contains("127.0.0.1 POST /v1/chat/completions 200")
          .doesNotContain("Hello");
      assertThat(Files.readString(classes))
          .as("nobody asked for traces")
          .contains("io.moineau.server.Server")
          .doesNotContain(" io.opentelemetry.");
      chipsAreReadWhenAskedFor(uri, classes);
      process.toHandle().destroy(); // SIGTERM; Process.destroy would close the streams too
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(err.lines().toList())
          .anyMatch(said -> said.startsWith("The built-in model is a demonstration"))
          .contains("ended");
    } finally {
      process.destroyForcibly();
    }
  }

  private static void chipsAreReadWhenAskedFor(String uri, Path classes)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    for (String path :
        List.of(
            "/chips",
            "/rules",
            "/plan",
            "/moineau/settings",
            "/openapi.json",
            "/moineau/plan/nothing")) {
      client.send(
          HttpRequest.newBuilder(URI.create(uri + path)).build(),
          HttpResponse.BodyHandlers.discarding());
    }
    assertThat(Files.readString(classes))
        .as("neither the start nor the pages need the module plan")
        .contains("io.moineau.server.api.plan.ListChips")
        .doesNotContain(" io.moineau.plan.", " org.snakeyaml.");
    HttpResponse<String> chip =
        client.send(
            HttpRequest.newBuilder(URI.create(uri + "/moineau/plan/chips/H20")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(chip.statusCode()).as(chip.body()).isEqualTo(200);
    assertThat(Files.readString(classes)).contains(" io.moineau.plan.chips.Catalogue ");
  }

  private static Process serve(String... more) throws IOException {
    return serve(List.of(), more);
  }

  private static Process serve(List<String> jvm, String... more) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(jvm);
    words.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            "io.moineau.cli.Main",
            "serve",
            "--port",
            "0",
            "-c",
            "256",
            "-t",
            "1"));
    words.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.PIPE);
    builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
    return builder.start();
  }

  /** Where a server says that it listens; reads all that it says at its start. */
  private static String uri(BufferedReader out) throws IOException {
    String uri = "";
    String line = out.readLine();
    while (line != null && !line.startsWith("end ")) {
      if (line.startsWith("serving")) {
        uri = line.substring("serving".length()).strip().replace("/v1", "");
      }
      line = out.readLine();
    }
    return uri;
  }

  private static HttpResponse<String> ask(String uri, String key)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(uri + "/v1/chat/completions"))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],"
                            + "\"temperature\":0,\"max_tokens\":4}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void serve_withKeys_asksForThem_andKeepsWhatTheyUsedThroughAKill()
      throws IOException, InterruptedException {
    String store = "jdbc:h2:file:" + folder.resolve("store").toAbsolutePath();
    Process process = serve("--keys", "--store", store);
    String key;
    try (BufferedReader out = reader(process.getInputStream())) {
      String uri = uri(out);
      assertThat(ask(uri, "mo-none").statusCode()).isEqualTo(401);
      Result any = CommandLineTest.run("", "keys", "add", "any", "--store", store);
      String whole = ask(uri, any.out().strip()).body();
      String budget = whole.replaceAll("(?s).*\"total_tokens\": ?([0-9]+).*", "$1");
      // Made while the server runs; nothing is left of it but what the budget lets through.
      Result made =
          CommandLineTest.run(
              "", "keys", "add", "small", "--tokens-per-day", budget, "--store", store);
      assertThat(made.code()).as(made.err()).isEqualTo(ExitCode.OK);
      key = made.out().strip();
      assertThat(ask(uri, key).statusCode()).isEqualTo(200);
      HttpResponse<String> spent = ask(uri, key);
      assertThat(spent.statusCode()).isEqualTo(429);
      assertThat(spent.body()).contains("budget_spent");
      assertThat(out.readLine()).contains("401");
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (CommandLineTest.run("", "keys", "list", "--json", "--store", store)
              .out()
              .replace(" ", "")
              .split("\"requests\":1", -1)
              .length
          != 3) { // one of each key
        assertThat(System.nanoTime()).as("the usage is in the store").isLessThan(end);
        Thread.sleep(20);
      }
    } finally {
      process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
    Process again = serve("--keys", "--store", store);
    try (BufferedReader out = reader(again.getInputStream())) {
      assertThat(ask(uri(out), key).body()).contains("budget_spent");
    } finally {
      again.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
  }

  private static BufferedReader reader(java.io.InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }
}
