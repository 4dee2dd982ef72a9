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
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code moineau serve}: what it says, and how it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ServeCommandTest {
  @Test
  void serve_addressThatOthersReach_needsConsent() {
    Result result = CommandLineTest.run("", "serve", "--host", "0.0.0.0");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--without-keys");
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
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
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
                "1")
            .redirectError(ProcessBuilder.Redirect.PIPE)
            .start();
    try (BufferedReader out = reader(process.getInputStream());
        BufferedReader err = reader(process.getErrorStream())) {
      String uri = "";
      String line = out.readLine();
      while (line != null && !line.startsWith("end ")) {
        if (line.startsWith("serving")) {
          uri = line.substring("serving".length()).strip().replace("/v1", "");
        }
        line = out.readLine();
      }
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
      process.toHandle().destroy(); // SIGTERM; Process.destroy would close the streams too
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(err.lines().toList())
          .anyMatch(said -> said.startsWith("The built-in model is a demonstration"))
          .contains("ended");
    } finally {
      process.destroyForcibly();
    }
  }

  private static BufferedReader reader(java.io.InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }
}
