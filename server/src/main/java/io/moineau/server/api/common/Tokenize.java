package io.moineau.server.api.common;

import static io.moineau.server.api.Field.supported;

import io.moineau.Moineau;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /tokenize}, with the fields of llama.cpp's server and of vLLM's. */
public final class Tokenize implements Endpoint {
  /**
   * Characters of a text: a second's work, and its answer is megabytes already. Nobody's budget
   * pays for it, and while a text is tokenized nothing can stop it.
   */
  static final int MOST_CHARACTERS = 1_000_000;

  private static final List<Field> FIELDS =
      List.of(
          supported("content", "string", "the text, up to 1,000,000 characters (llama.cpp's name)"),
          supported("prompt", "string", "the same (vLLM's name)"),
          supported("model", "string", "the served model's name; may be left out"),
          supported("add_special", "boolean", "begin and end tokens; false (llama.cpp's name)"),
          supported("add_special_tokens", "boolean", "the same; true with prompt (vLLM's name)"),
          supported("parse_special", "boolean", "special tokens written in the text; true"),
          supported("with_pieces", "boolean", "tokens as objects of id and piece"),
          supported("return_token_strs", "boolean", "texts of the tokens beside them"));

  private final Service service;

  /** For this server. */
  public Tokenize(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/tokenize";
  }

  @Override
  public String summary() {
    return "The tokens of a text";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    service.checkModel(body.string("model", ""));
    boolean vllm = body.has("prompt");
    String text = body.get(vllm ? "prompt" : "content").asString();
    if (text.length() > MOST_CHARACTERS) {
      throw new ApiException(
          400,
          "text_too_long",
          vllm ? "prompt" : "content",
          0,
          "the text is too long to be tokenized at once",
          text.length() + " characters",
          "at most " + MOST_CHARACTERS,
          "send it in parts, cut between words");
    }
    boolean addSpecial = body.bool("add_special_tokens", body.bool("add_special", vllm));
    Moineau moineau = service.moineau();
    int[] tokens = moineau.tokenize(text, addSpecial, body.bool("parse_special", true));
    boolean pieces = body.bool("with_pieces", false);
    List<Object> listed = new ArrayList<>(tokens.length);
    List<Object> texts = new ArrayList<>(tokens.length);
    for (int token : tokens) {
      String piece = moineau.detokenize(new int[] {token}, false);
      listed.add(pieces ? Map.of("id", token, "piece", piece) : (Object) token);
      texts.add(piece);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("tokens", listed);
    answer.put("count", tokens.length);
    answer.put("max_model_len", moineau.card().contextLength());
    if (body.bool("return_token_strs", false)) {
      answer.put("token_strs", texts);
    }
    reply.json(answer);
  }
}
