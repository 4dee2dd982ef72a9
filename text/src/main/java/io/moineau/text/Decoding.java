package io.moineau.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Turns the tokens of a text back into it, as tokenizer.json's decoders do. */
@FunctionalInterface
interface Decoding {
  List<String> apply(List<String> tokens);

  /** One after the other. */
  static Decoding sequence(List<Decoding> all) {
    return tokens -> {
      List<String> now = tokens;
      for (Decoding one : all) {
        now = one.apply(now);
      }
      return now;
    };
  }

  /** Bytes spelled in GPT-2's characters, all tokens at once. */
  static Decoding byteLevel() {
    return tokens -> {
      java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
      for (String token : tokens) {
        bytes.writeBytes(ByteLevel.bytes(token));
      }
      return List.of(bytes.toString(StandardCharsets.UTF_8));
    };
  }

  /**
   * Tokens such as {@code <0x0A>} become bytes; a run that is no UTF-8 becomes U+FFFD, one a byte.
   */
  static Decoding byteFallback() {
    return tokens -> {
      List<String> out = new ArrayList<>(tokens.size());
      java.io.ByteArrayOutputStream run = new java.io.ByteArrayOutputStream();
      for (String token : tokens) {
        int b = ByteFallback.byteOf(token);
        if (b >= 0) {
          run.write(b);
        } else {
          flush(run, out);
          out.add(token);
        }
      }
      flush(run, out);
      return out;
    };
  }

  private static void flush(java.io.ByteArrayOutputStream run, List<String> out) {
    if (run.size() > 0) {
      byte[] bytes = run.toByteArray();
      String text = new String(bytes, StandardCharsets.UTF_8);
      boolean valid = java.util.Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
      out.add(valid ? text : "\uFFFD".repeat(bytes.length));
      run.reset();
    }
  }

  /** All tokens as one. */
  static Decoding fuse() {
    return tokens -> List.of(String.join("", tokens));
  }

  /** Takes up to so many {@code what} from the ends of each token. */
  static Decoding strip(String what, int start, int stop) {
    return tokens -> {
      List<String> out = new ArrayList<>(tokens.size());
      for (String token : tokens) {
        String now = token;
        for (int i = 0; i < start && now.startsWith(what); i++) {
          now = now.substring(what.length());
        }
        for (int i = 0; i < stop && now.endsWith(what); i++) {
          now = now.substring(0, now.length() - what.length());
        }
        out.add(now);
      }
      return out;
    };
  }

  /** Every match becomes {@code with}. */
  static Decoding replace(Pattern what, String with) {
    TextNormalizer replacement = TextNormalizer.replace(what, with);
    return tokens -> tokens.stream().map(replacement::apply).toList();
  }

  /** The mark becomes a space; the first goes where one was put before the text. */
  static Decoding metaspace(String replacement, boolean prefixed) {
    return tokens -> {
      List<String> out = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        String token = tokens.get(i);
        if (i == 0 && prefixed && token.startsWith(replacement)) {
          token = token.substring(replacement.length());
        }
        out.add(token.replace(replacement, " "));
      }
      return out;
    };
  }

  /** The mark at the end of a word becomes a space, but for the last. */
  static Decoding wordSuffix(String suffix) {
    return tokens -> {
      List<String> out = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        String token = tokens.get(i);
        boolean last = i + 1 == tokens.size();
        out.add(suffix.isEmpty() ? token : token.replace(suffix, last ? "" : " "));
      }
      return out;
    };
  }

  /** WordPiece: a space before each token that does not go on with the last. */
  static Decoding wordPiece(String prefix, boolean cleanup) {
    return tokens -> {
      List<String> out = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        String token = tokens.get(i);
        String now = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
        out.add(i == 0 ? token : cleanup ? cleanUp(now) : now);
      }
      return out;
    };
  }

  private static String cleanUp(String text) {
    return text.replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" do not", " don't")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }

  /**
   * SentencePiece: marks become spaces, the one put before the text goes, bytes become characters.
   */
  static Decoding sentencePiece(boolean prefixed) {
    return tokens -> {
      java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
      boolean first = prefixed;
      for (String token : tokens) {
        int b = ByteFallback.byteOf(token);
        if (b >= 0) {
          bytes.write(b);
        } else {
          String text = token.replace('\u2581', ' ');
          bytes.writeBytes(
              (first && text.startsWith(" ") ? text.substring(1) : text)
                  .getBytes(StandardCharsets.UTF_8));
        }
        first = false;
      }
      return List.of(bytes.toString(StandardCharsets.UTF_8));
    };
  }
}
