package io.moineau.springai;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tiny mixture of experts with random weights, in which tools and schemas are forced. */
final class TinyChat {
  static final int CONTEXT = 2048;

  private static final String TEMPLATE =
      """
      {%- if tools %}<|system|>
      {%- for tool in tools %}{{ tool | tojson }}{% endfor %}
      For each call: <tool_call>
      {"name": <name>, "arguments": <object>}
      </tool_call><|end|>{% endif %}
      {%- for message in messages %}{{ '<|' + message.role + '|>' + message.content }}
      {%- for call in message.tool_calls or [] %}<tool_call>
      {"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
      </tool_call>{% endfor %}<|end|>{% endfor %}
      {%- if add_generation_prompt %}<|assistant|>{% endif %}\
      """;

  private TinyChat() {}

  /** The model that tests share. */
  static Moineau shared() {
    return Shared.MODEL;
  }

  private static Moineau open() {
    try {
      Path file = Files.createTempFile("tiny", ".gguf");
      file.toFile().deleteOnExit();
      TinyModels.qwen3moe(11).chatTemplate(TEMPLATE).maxPositionEmbeddings(CONTEXT).write(file);
      return Moineau.open(
          file,
          ModelOptions.defaults()
              .withContextLength(CONTEXT)
              .withMaxSequences(4)
              .withThreads(1)
              .withSeed(11));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Shared {
    static final Moineau MODEL = open();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(MODEL::close));
    }
  }
}
