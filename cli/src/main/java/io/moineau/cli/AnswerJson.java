package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.Answer;
import java.io.IOException;

/** An answer as fields of a JSON object. */
final class AnswerJson {
  private AnswerJson() {}

  static void write(JsonGenerator json, Answer answer) throws IOException {
    json.writeStringField("text", answer.text());
    json.writeStringField("finish_reason", answer.finishReason().word());
    json.writeNumberField("seed", answer.seed());
    json.writeArrayFieldStart("tokens");
    for (int token : answer.tokens()) {
      json.writeNumber(token);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", answer.usage().promptTokens());
    json.writeNumberField("cached_tokens", answer.usage().cachedTokens());
    json.writeNumberField("completion_tokens", answer.usage().completionTokens());
    json.writeEndObject();
    json.writeObjectFieldStart("timings");
    json.writeNumberField("prefill_ms", answer.timings().prefillNanos() / 1e6);
    json.writeNumberField("prefill_tokens_per_second", answer.timings().prefillTokensPerSecond());
    json.writeNumberField("decode_ms", answer.timings().decodeNanos() / 1e6);
    json.writeNumberField("decode_tokens_per_second", answer.timings().decodeTokensPerSecond());
    json.writeNumberField("drafted_tokens", answer.timings().draftedTokens());
    json.writeNumberField("accepted_tokens", answer.timings().acceptedTokens());
    json.writeEndObject();
  }
}
