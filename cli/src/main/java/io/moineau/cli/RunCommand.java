package io.moineau.cli;

import io.moineau.Answer;
import io.moineau.ChatRequest;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.Message;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A prompt in, text out. */
@Command(
    name = "run",
    header = "A prompt in, text out.",
    description = {
      "",
      "Prints the answer to standard output as it is made, and nothing else. A model with a chat",
      "template gets the prompt as a message of the user; one without (or --raw) continues the"
          + " text.",
      "The prompt may be an argument, -p, a file (-f) or standard input (no prompt, or -).",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau run model.gguf \"Why do sparrows hop?\"",
      "  moineau run -m model.gguf --temp 0 -n 60 \"Once upon a time\"",
      "  cat letter.txt | moineau run model.gguf \"Make this shorter:\" -",
      "  moineau run model.gguf --json \"Hello\" | python3 -m json.tool",
      "  moineau run model.gguf -j schema.json \"Who wrote Candide, and when?\"",
      "  moineau run model.gguf --regex \"yes|no\" \"Is a sparrow a bird?\""
    })
final class RunCommand extends Job {

  @Parameters(
      paramLabel = "[MODEL] PROMPT",
      arity = "0..*",
      description = "Model file, unless -m names it, and the prompt; - stands for standard input.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private SamplingArguments sampling = new SamplingArguments();
  @Mixin private FormatArguments format = new FormatArguments();

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The prompt.")
  private @Nullable String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A file with the prompt.")
  private @Nullable Path file;

  @Option(
      names = {"--system", "-sys"},
      paramLabel = "TEXT",
      description = "Instructions for the model.")
  private @Nullable String system;

  @Option(names = "--raw", description = "Continue the text; no chat template.")
  private boolean raw;

  @Option(names = "--echo", description = "Print the prompt before the answer.")
  private boolean echo;

  @Option(names = "--stats", description = "Print tokens and speed to standard error at the end.")
  private boolean stats;

  @Option(names = "--json", description = "Print the answer, tokens and timings as JSON.")
  private boolean json;

  RunCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    String text = prompt(model.takeModel(words));
    Sampling chosen = sampling.sampling(this);
    ResponseFormat form = format.format(this);
    try (Moineau moineau = model.open(this)) {
      ModelCard card = moineau.card();
      if (card.demonstration()) {
        remark(CardText.demonstration("run"));
      }
      try (Generation generation = generation(moineau, text, chosen, form)) {
        Answer answer = json ? generation.answer() : stream(generation, text);
        finish(card, answer);
      }
    }
    return ExitCode.OK;
  }

  private Generation generation(
      Moineau moineau, String text, Sampling chosen, ResponseFormat form) {
    boolean plain = moineau.card().chatTemplate() == ModelCard.TemplateSource.PLAIN;
    if (raw || (plain && system == null)) {
      GenerationRequest request = GenerationRequest.of(moineau.tokenize(text), chosen);
      return moineau.generate(
          moineau.constraint(form).map(request::withConstraint).orElse(request));
    }
    List<Message> messages = new ArrayList<>();
    if (system != null) {
      messages.add(Message.system(system));
    }
    messages.add(Message.user(text));
    return moineau.chatStream(
        ChatRequest.of(messages).withSampling(chosen).withResponseFormat(form));
  }

  private Answer stream(Generation generation, String text) {
    boolean safe = streams().outTerminal();
    if (echo) {
      streams().out().print(safe ? SafeText.of(text) : text);
    }
    String last = "";
    while (generation.hasNext()) {
      last = generation.next();
      // A file or a program gets the text as it is; a terminal must not be steered by it.
      streams().out().print(safe ? SafeText.of(last) : last);
      streams().out().flush();
    }
    if (!last.endsWith("\n")) {
      print("");
    }
    return generation.answer();
  }

  private void finish(ModelCard card, Answer answer) {
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("model", card.name());
            AnswerJson.write(out, answer);
          });
    }
    if (stats) {
      remark(CardText.stats(answer));
    }
  }

  private String prompt(List<String> rest) throws IOException {
    int sources = (prompt == null ? 0 : 1) + (file == null ? 0 : 1) + (rest.isEmpty() ? 0 : 1);
    if (sources > 1) {
      throw usage("the prompt was given more than once: use an argument, -p or -f");
    }
    if (prompt != null) {
      return prompt;
    }
    if (file != null) {
      return withoutLastLineEnd(InputText.file(file));
    }
    if (rest.isEmpty()) {
      if (streams().inTerminal()) {
        throw usage("no prompt was given: give one as an argument, or through a pipe");
      }
      return notEmpty(standardInput());
    }
    StringBuilder text = new StringBuilder();
    for (String word : rest) {
      boolean input = word.equals("-");
      if (!text.isEmpty()) {
        text.append(input ? "\n" : " ");
      }
      text.append(input ? standardInput() : word);
    }
    return notEmpty(text.toString());
  }

  private String notEmpty(String text) {
    if (text.isEmpty()) {
      throw usage("the prompt is empty");
    }
    return text;
  }

  private String standardInput() throws IOException {
    return withoutLastLineEnd(InputText.all(streams().in(), "standard input"));
  }

  private static String withoutLastLineEnd(String text) {
    return text.endsWith("\r\n")
        ? text.substring(0, text.length() - 2)
        : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }
}
