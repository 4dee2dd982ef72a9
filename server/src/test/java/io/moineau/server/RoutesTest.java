package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutesTest {
  private record Named(String method, String path) implements Endpoint {
    @Override
    public String summary() {
      return "";
    }

    @Override
    public ErrorForm errors() {
      return ErrorForm.OPENAI;
    }

    @Override
    public void handle(Request request, Reply reply) {
      throw new UnsupportedOperationException();
    }
  }

  private final Routes routes =
      new Routes(
          List.of(
              new Named("GET", "/v1/models"),
              new Named("GET", "/v1/models/{id}"),
              new Named("POST", "/v1/{kind}/run"),
              new Named("DELETE", "/v1/models/{id}")));

  @Test
  void find_exactPath_comesFirst() {
    assertThat(routes.find("GET", "/v1/models").orElseThrow().endpoint().path())
        .isEqualTo("/v1/models");
    assertThat(routes.find("HEAD", "/v1/models")).isPresent();
  }

  @Test
  void find_lastVariable_takesSlashes() {
    assertThat(routes.find("GET", "/v1/models/a/b.gguf").orElseThrow().parameters())
        .isEqualTo(Map.of("id", "a/b.gguf"));
  }

  @Test
  void find_variableInTheMiddle_takesOnePart() {
    assertThat(routes.find("POST", "/v1/x/run").orElseThrow().parameters())
        .isEqualTo(Map.of("kind", "x"));
    assertThat(routes.find("POST", "/v1/x/y/run")).isEmpty();
    assertThat(routes.find("POST", "/v1//run")).isEmpty();
  }

  @Test
  void find_otherPaths_areNotThere() {
    for (String path : List.of("/", "", "/v1", "/v1/modelsx", "/v2/models", "v1/models")) {
      assertThat(routes.find("GET", path)).as(path).isEmpty();
    }
  }

  @Test
  void methods_ofAPath_areAll() {
    assertThat(routes.methods("/v1/models/x")).containsExactly("DELETE", "GET", "HEAD", "OPTIONS");
    assertThat(routes.methods("/nothing")).isEmpty();
  }
}
