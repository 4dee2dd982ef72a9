package io.moineau.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The subcommands by name, each built only when it is wanted. */
final class Commands {
  static final String COMPLETION = "completion";

  private static final Map<String, Function<Streams, Object>> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("chat", ChatCommand::new);
    BY_NAME.put("run", RunCommand::new);
    //    BY_NAME.put("inspect", InspectCommand::new);
    //    BY_NAME.put("tokenize", TokenizeCommand::new);
    //    BY_NAME.put("template", TemplateCommand::new);
    BY_NAME.put("logits", LogitsCommand::new);
    BY_NAME.put("perplexity", PerplexityCommand::new);
    BY_NAME.put("bench", BenchCommand::new);
    //    BY_NAME.put("quantize", QuantizeCommand::new);
    BY_NAME.put("experts", ExpertsCommand::new);
    BY_NAME.put("doctor", DoctorCommand::new);
    BY_NAME.put(COMPLETION, CompletionCommand::new);
    BY_NAME.put("rehearse", RehearseCommand::new);
  }

  private Commands() {}

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  static Object create(String name, Streams streams) {
    Function<Streams, Object> maker = BY_NAME.get(name);
    if (maker == null) {
      throw new CliException("usage", "no such command", name, String.join(", ", names()), "");
    }
    return maker.apply(streams);
  }
}
