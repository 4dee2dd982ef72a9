package io.moineau.cli;

import io.moineau.engine.GgufTokenizerMetadata;
import io.moineau.format.GgufFile;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Text to ids and back. */
@Command(
    name = "tokenize",
    header = "Text to token ids and back.",
    description = {
      "",
      "The tokenizer is that of a GGUF file (no weights are read), a tokenizer.json or a",
      "SentencePiece tokenizer.model. Special tokens written in the text are recognised unless",
      "--no-parse-special; those that the model begins with are added only with --add-special.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau tokenize model.gguf \"Hello, world\"",
      "  moineau tokenize tokenizer.json -f book.txt --count",
      "  moineau tokenize model.gguf --ids \"Hello\" | moineau tokenize model.gguf --decode -",
      "  moineau tokenize model.gguf --json \"<|im_start|>user\""
    })
final class TokenizeCommand extends Job {
  @Parameters(
      paramLabel = "FILE TEXT",
      arity = "0..*",
      description = "The tokenizer's file, unless -m names it, and the text; - is standard input.")
  private List<String> words = List.of();

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "GGUF file, tokenizer.json or tokenizer.model.")
  private @Nullable Path model;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A file with the text.")
  private @Nullable Path file;

  @Option(
      names = {"-d", "--decode"},
      description = "The text is ids (1,403,407): print what they stand for.")
  private boolean decode;

  @Option(names = "--add-special", description = "Add the tokens that the model begins with.")
  private boolean addSpecial;

  @Option(
      names = "--no-parse-special",
      description = "Do not recognise special tokens in the text.")
  private boolean noParseSpecial;

  @Option(names = "--skip-special", description = "With --decode: leave special tokens out.")
  private boolean skipSpecial;

  @Option(names = "--ids", description = "Print the ids alone, on one line.")
  private boolean idsOnly;

  @Option(names = "--count", description = "Print the number of tokens alone.")
  private boolean countOnly;

  @Option(names = "--json", description = "Print ids, tokens and text as JSON.")
  private boolean json;

  TokenizeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    List<String> rest = words;
    if (model == null) {
      if (words.isEmpty()) {
        throw usage("no tokenizer was named: give a GGUF file, a tokenizer.json or .model");
      }
      model = Path.of(words.getFirst());
      rest = words.subList(1, words.size());
    }
    Tokenizer tokenizer = open(model);
    String text = text(rest);
    if (decode) {
      int[] ids = text.isBlank() ? new int[0] : TokenList.parse(text, "--decode", this);
      decode(tokenizer, ids);
    } else {
      encode(tokenizer, text);
    }
    return ExitCode.OK;
  }

  private static Tokenizer open(Path path) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".json")) {
      return Tokenizers.fromTokenizerJson(path);
    }
    if (name.endsWith(".model")) {
      return Tokenizers.fromSentencePiece(path);
    }
    try (GgufFile file = GgufFile.open(path)) {
      return Tokenizers.fromGguf(new GgufTokenizerMetadata(file.metadata()));
    }
  }

  private String text(List<String> rest) throws IOException {
    if (file != null) {
      if (!rest.isEmpty()) {
        throw usage("the text was given twice: as an argument and with -f");
      }
      return InputText.file(file);
    }
    if (rest.isEmpty() && streams().inTerminal()) {
      throw usage("no text was given: give one as an argument, with -f, or through a pipe");
    }
    if (rest.isEmpty() || rest.equals(List.of("-"))) {
      return InputText.all(streams().in(), "standard input");
    }
    return String.join(" ", rest);
  }

  private void decode(Tokenizer tokenizer, int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw new CliException(
            "token-out-of-range",
            "there is no such token",
            "id " + id,
            "0 to " + (tokenizer.vocabularySize() - 1),
            "");
      }
    }
    String text = tokenizer.decode(ids, skipSpecial);
    if (json) {
      printJson(tokenizer, ids, text);
    } else {
      print(streams().outTerminal() ? SafeText.of(text) : text);
    }
  }

  private void encode(Tokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text, addSpecial, !noParseSpecial);
    if (json) {
      printJson(tokenizer, ids, text);
    } else if (countOnly) {
      print(Integer.toString(ids.length));
    } else if (idsOnly) {
      print(TokenList.format(ids));
    } else {
      TextTable table = new TextTable(">id", "token", "");
      for (int id : ids) {
        table.row(id, "'" + tokenizer.token(id) + "'", tokenizer.isSpecial(id) ? "special" : "");
      }
      table.lines("").forEach(this::print);
      print(ids.length + (ids.length == 1 ? " token" : " tokens"));
    }
  }

  private void printJson(Tokenizer tokenizer, int[] ids, String text) {
    JsonOutput.print(
        streams().out(),
        out -> {
          JsonOutput.array(out, "ids", ids);
          out.writeArrayFieldStart("tokens");
          for (int id : ids) {
            out.writeString(tokenizer.token(id));
          }
          out.writeEndArray();
          JsonOutput.array(
              out, "special", IntStream.of(ids).filter(tokenizer::isSpecial).distinct().toArray());
          out.writeStringField("text", text);
          out.writeNumberField("count", ids.length);
        });
  }
}
