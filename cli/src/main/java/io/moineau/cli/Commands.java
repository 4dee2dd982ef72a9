package io.moineau.cli;

import java.util.List;

/** The subcommands by name, each built only when it is wanted. */
final class Commands {
  static final String COMPLETION = "completion";

  private static final List<String> NAMES =
      List.of(
          "chat",
          "run",
          "serve",
          "keys",
          "inspect",
          "tokenize",
          "template",
          "logits",
          "perplexity",
          "bench",
          "quantize",
          "train",
          "finetune",
          "merge",
          "lora",
          "experts",
          "chips",
          "rules",
          "audit",
          "plan",
          "doctor",
          COMPLETION,
          "rehearse");

  private Commands() {}

  static List<String> names() {
    return NAMES;
  }

  // A switch and not a map of constructors: at a start, each of those would be made and linked.
  static Object create(String name, Streams streams) {
    return switch (name) {
      case "chat" -> new ChatCommand(streams);
      case "run" -> new RunCommand(streams);
      case "serve" -> new ServeCommand(streams);
      case "keys" -> new KeysCommand(streams);
      case "inspect" -> new InspectCommand(streams);
      case "tokenize" -> new TokenizeCommand(streams);
      case "template" -> new TemplateCommand(streams);
      case "logits" -> new LogitsCommand(streams);
      case "perplexity" -> new PerplexityCommand(streams);
      case "bench" -> new BenchCommand(streams);
      case "quantize" -> new QuantizeCommand(streams);
      case "train" -> new TrainCommand(streams);
      case "finetune" -> new FinetuneCommand(streams);
      case "merge" -> new MergeCommand(streams);
      case "lora" -> new LoraCommand(streams);
      case "experts" -> new ExpertsCommand(streams);
      case "chips" -> ChipsCommand.line(streams);
      case "rules" -> RulesCommand.line(streams);
      case "audit" -> new AuditCommand(streams);
      case "plan" -> new PlanCommand(streams);
      case "doctor" -> new DoctorCommand(streams);
      case COMPLETION -> new CompletionCommand(streams);
      case "rehearse" -> new RehearseCommand(streams);
      default ->
          throw new CliException("usage", "no such command", name, String.join(", ", NAMES), "");
    };
  }
}
