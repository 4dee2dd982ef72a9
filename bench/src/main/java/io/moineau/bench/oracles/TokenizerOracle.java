package io.moineau.bench.oracles;

import io.moineau.error.MoineauException;
import io.moineau.text.Json;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Ids and decoded text of each family, case by case, from every file in its folder. */
final class TokenizerOracle implements OracleCheck {
  @Override
  public String folderName() {
    return "tokenizers";
  }

  @Override
  public void run(Path folder, OracleReport report) throws IOException {
    List<Path> families = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, Files::isDirectory)) {
      stream.forEach(families::add);
    }
    families.sort(null);
    for (Path family : families) {
      Path cases = family.resolve("cases.json");
      if (Files.exists(cases)) {
        check(family, (List<?>) Json.parse(cases), report);
      }
    }
  }

  private void check(Path family, List<?> cases, OracleReport report) {
    String name = family.getFileName().toString();
    Path json = family.resolve("tokenizer.json");
    Path packed = family.resolve("tokenizer.json.gz");
    Path model = family.resolve("tokenizer.model");
    boolean hasJson = Files.exists(json) || Files.exists(packed);
    try {
      if (hasJson) {
        Tokenizer tokenizer = Tokenizers.fromTokenizerJson(Files.exists(json) ? json : packed);
        for (int i = 0; i < cases.size(); i++) {
          check(name + " json case " + i, tokenizer, (Map<?, ?>) cases.get(i), "ids", true, report);
        }
        checkConverted(name, Files.exists(json) ? json : packed, tokenizer, cases, report);
      }
      if (Files.exists(model)) {
        Tokenizer tokenizer = Tokenizers.fromSentencePiece(model);
        String key = hasJson ? "ids_sentencepiece" : "ids";
        for (int i = 0; i < cases.size(); i++) {
          check(
              name + " sentencepiece case " + i,
              tokenizer,
              (Map<?, ?>) cases.get(i),
              key,
              !hasJson,
              report);
        }
      }
    } catch (MoineauException e) {
      report.differ(name, e.code() + ": " + e.getMessage());
    }
  }

  /** The same cases from what a GGUF file would hold. */
  private static void checkConverted(
      String name, Path file, Tokenizer original, List<?> cases, OracleReport report) {
    Map<?, ?> json;
    try (InputStream in = Files.newInputStream(file)) {
      boolean packed = file.toString().endsWith(".gz");
      json = (Map<?, ?>) Json.parse((packed ? new GZIPInputStream(in) : in).readAllBytes());
    } catch (IOException e) {
      report.differ(name + " gguf", e.toString());
      return;
    }
    Optional<ConvertedTokenizer> converted = ConvertedTokenizer.of(json, original);
    if (converted.isEmpty()) {
      report.skip(name + " gguf", "no pre-tokenizer of GGUF is known to be this one");
      return;
    }
    Tokenizer tokenizer = Tokenizers.fromGguf(converted.get());
    for (int i = 0; i < cases.size(); i++) {
      Map<?, ?> one = (Map<?, ?>) cases.get(i);
      // Bytes that are no character decode to other numbers of U+FFFD in the two libraries.
      boolean whole = ((String) one.get("decoded")).indexOf('\uFFFD') < 0;
      check(name + " gguf case " + i, tokenizer, one, "ids", whole, report);
    }
  }

  private static void check(
      String name,
      Tokenizer tokenizer,
      Map<?, ?> one,
      String key,
      boolean whole,
      OracleReport report) {
    String text = (String) one.get("text");
    int[] expected = ints(one.get(key));
    int[] actual = tokenizer.encode(text, false, true);
    String differs = "";
    if (!Arrays.equals(expected, actual)) {
      differs = "ids " + Arrays.toString(actual) + ", not " + Arrays.toString(expected);
    } else if (whole) {
      int[] special = ints(one.get("ids_special"));
      int[] withSpecial = tokenizer.encode(text, true, true);
      if (!Arrays.equals(special, withSpecial)) {
        differs =
            "with special " + Arrays.toString(withSpecial) + ", not " + Arrays.toString(special);
      }
      differs += text(tokenizer, expected, one.get("decoded"), false);
      if (one.containsKey("decoded_skip_special")) {
        differs += text(tokenizer, expected, one.get("decoded_skip_special"), true);
      }
      differs += streamed(tokenizer, expected);
    }
    if (differs.isEmpty()) {
      report.pass();
    } else {
      report.differ(name + " (" + one.get("group") + ")", differs);
    }
  }

  private static String text(Tokenizer tokenizer, int[] ids, Object expected, boolean skip) {
    String decoded = tokenizer.decode(ids, skip);
    return decoded.equals(expected)
        ? ""
        : " decoded " + Json.write(decoded) + ", not " + Json.write(expected);
  }

  /** A stream gives the same text as decoding at once, where that has no broken characters. */
  private static String streamed(Tokenizer tokenizer, int[] ids) {
    TokenDecoder decoder = tokenizer.decoder(false);
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      streamed.append(decoder.push(id));
    }
    streamed.append(decoder.flush());
    String whole = tokenizer.decode(ids, false);
    return whole.indexOf('\uFFFD') >= 0 || whole.contentEquals(streamed)
        ? ""
        : " streamed " + Json.write(streamed.toString()) + ", not " + Json.write(whole);
  }

  private static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(v -> ((Number) v).intValue()).toArray();
  }
}
