package io.moineau.cli;

import io.moineau.format.GgufFile;
import io.moineau.text.ChatTemplate;
import io.moineau.text.Json;
import io.moineau.text.MarkedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A chat template and a JSON context in, text out. */
@Command(
    name = "template",
    header = "A chat template and a JSON context in, text out.",
    description = {
      "",
      "Renders as Python's jinja2 does in Hugging Face's transformers. The template is a Jinja file, or",
      "a GGUF file with one inside. The context is a JSON object (messages, tools, bos_token,",
      "add_generation_prompt, ...) or just an array of messages; standard input if no file is named.",
      "The text is printed exactly: no line end is added. Without a context, --show prints the template.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau template chatml.jinja context.json",
      "  echo '[{\"role\":\"user\",\"content\":\"Hi\"}]' | moineau template model.gguf -g",
      "  moineau template model.gguf --show",
      "  moineau template model.gguf context.json --json      # marks what came from users"
    })
final class TemplateCommand extends Job {
  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "Jinja file or GGUF file.")
  private Path template = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "CONTEXT",
      description = "JSON file; standard input if none or -.")
  private @Nullable String context;

  @Option(
      names = {"-g", "--generation-prompt"},
      description = "Set add_generation_prompt: end with the beginning of the answer.")
  private boolean generationPrompt;

  @Option(names = "--show", description = "Print the template itself.")
  private boolean show;

  @Option(
      names = "--json",
      description = "Print the text and the spans of it that are untrusted, as JSON.")
  private boolean json;

  TemplateCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    String source = source();
    if (show) {
      streams().out().print(streams().outTerminal() ? SafeText.of(source) : source);
      return ExitCode.OK;
    }
    ChatTemplate compiled = ChatTemplate.compile(source);
    MarkedText text = compiled.render(context());
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("text", text.text());
            out.writeArrayFieldStart("untrusted");
            for (var span : text.untrusted()) {
              out.writeStartArray();
              out.writeNumber(span.start());
              out.writeNumber(span.end());
              out.writeEndArray();
            }
            out.writeEndArray();
          });
    } else {
      streams().out().print(streams().outTerminal() ? SafeText.of(text.text()) : text.text());
      if (streams().outTerminal()) {
        print("");
      }
    }
    return ExitCode.OK;
  }

  private String source() throws IOException {
    if (!template.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      return InputText.file(template);
    }
    try (GgufFile file = GgufFile.open(template)) {
      return file.metadata()
          .findString("tokenizer.chat_template")
          .orElseThrow(() ->
              new CliException(
                  "no-chat-template",
                  "this file has no chat template",
                  "tokenizer.chat_template in " + template,
                  "files with one",
                  "give a Jinja file instead"));
    }
  }

  private Map<String, Object> context() throws IOException {
    String text;
    if (context == null || context.equals("-")) {
      if (streams().inTerminal()) {
        throw usage("no context was given: name a JSON file, or pipe one in");
      }
      text = InputText.all(streams().in(), "standard input");
    } else {
      text = InputText.file(Path.of(context));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    switch (Json.parse(text)) {
      case Map<?, ?> object ->
          object.forEach((key, value) -> values.put(String.valueOf(key), value));
      case List<?> messages -> values.put("messages", messages);
      case null, default ->
          throw new CliException(
              "template-bad-context",
              "a template's context has the wrong form",
              context == null ? "standard input" : context,
              "a JSON object, or an array of messages",
              "");
    }
    if (generationPrompt) {
      values.put("add_generation_prompt", true);
    }
    return values;
  }
}
