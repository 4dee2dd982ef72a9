package io.moineau.adapt;

import io.moineau.text.Json;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/** Reads the documents of a file one after another. */
final class Documents {
  /** A line that divides documents of a text file. */
  static final String DIVIDER = "<|endoftext|>";

  /** Longer texts are cut at an end of line: so books are shuffled and validated in parts. */
  private static final int LONGEST = 20_000;

  private static final int LONGEST_CHAT = 1 << 24;
  private static final int LONGEST_ANSWER = 2_000;
  private static final String USER = "User: ";
  private static final String ASSISTANT = "Assistant: ";

  /** A document. */
  sealed interface Document {
    /** A text; {@code ends} is false where the next one goes on. */
    record Text(String text, boolean ends) implements Document {}

    /** A chat. */
    record Chat(List<Turn> turns) implements Document {}
  }

  /** What somebody says. */
  record Turn(String role, String content) {}

  /** Takes documents. */
  interface Taker {
    void take(Document document);
  }

  private Documents() {}

  static void read(Recipe.Source source, Taker taker) {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(source.file()));
        InputStream bytes = isZipped(source) ? new GZIPInputStream(file, 1 << 16) : file;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
      switch (source.format()) {
        case JSONL -> objects(source, lines, taker);
        case CHAT -> texts(lines, LONGEST_CHAT, document -> taker.take(chat(source, document)));
        case TEXT -> texts(lines, LONGEST, answering(source, taker));
        case GRAMMAR -> made(source, lines.lines().toList(), answering(source, taker));
      }
    } catch (IOException e) {
      throw new AdaptException(
          "train-bad-data",
          "a file of text cannot be read",
          source.file() + " (" + e.getMessage() + ")",
          "UTF-8, plain or gzip",
          "check the file");
    }
  }

  private static Taker answering(Recipe.Source source, Taker taker) {
    return source.answerTo().isEmpty() ? taker : new Answers(source, taker);
  }

  private static void made(Recipe.Source source, List<String> rules, Taker taker) {
    Grammar grammar = new Grammar(source.file(), rules);
    SplittableRandom random = new SplittableRandom(source.seed());
    for (int i = 0; i < source.documents(); i++) {
      taker.take(new Document.Text(grammar.text(random), true));
    }
  }

  private static boolean isZipped(Recipe.Source source) {
    return source.file().toString().endsWith(".gz");
  }

  /** Makes short texts the answers to questions, each question in turn. */
  private static final class Answers implements Taker {
    private final List<String> questions;
    private final Taker taker;
    private int count;
    private boolean within; // a text that was cut goes on

    Answers(Recipe.Source source, Taker taker) {
      this.questions = source.answerTo();
      this.taker = taker;
    }

    @Override
    public void take(Document document) {
      boolean whole = document instanceof Document.Text text && text.ends() && !within;
      within = document instanceof Document.Text text && !text.ends();
      if (whole
          && document instanceof Document.Text text
          && text.text().length() <= LONGEST_ANSWER) {
        String question = questions.get(count++ % questions.size());
        taker.take(
            new Document.Chat(
                List.of(new Turn("user", question), new Turn("assistant", text.text()))));
      } else {
        taker.take(document);
      }
    }
  }

  /** Lines that begin with a speaker begin a turn; others go on. */
  private static Document chat(Recipe.Source source, Document document) {
    List<Turn> turns = new ArrayList<>();
    String text = document instanceof Document.Text whole ? whole.text() : "";
    for (String line : text.split("\n")) {
      boolean user = line.startsWith(USER);
      if (user || line.startsWith(ASSISTANT)) {
        String content = line.substring(user ? USER.length() : ASSISTANT.length());
        turns.add(new Turn(user ? "user" : "assistant", content.strip()));
      } else if (turns.isEmpty()) {
        throw new AdaptException(
            "train-bad-data",
            "a chat does not begin with a speaker",
            source.file() + ": " + line.substring(0, Math.min(40, line.length())),
            "lines that begin with \"User: \" or \"Assistant: \"",
            "correct the text, or choose format: text");
      } else {
        Turn last = turns.removeLast();
        turns.add(new Turn(last.role(), last.content() + "\n" + line));
      }
    }
    return new Document.Chat(turns);
  }

  private static void texts(BufferedReader lines, int longest, Taker taker) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(DIVIDER)) {
        end(text, taker);
      } else {
        text.append(line).append('\n');
        if (text.length() > longest) {
          taker.take(new Document.Text(text.toString(), false));
          text.setLength(0);
        }
      }
    }
    end(text, taker);
  }

  private static void end(StringBuilder text, Taker taker) {
    String document = text.toString().strip();
    if (!document.isEmpty()) {
      taker.take(new Document.Text(document, true));
    }
    text.setLength(0);
  }

  private static void objects(Recipe.Source source, BufferedReader lines, Taker taker)
      throws IOException {
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      if (Json.parse(line) instanceof Map<?, ?> object) {
        if (object.get("text") instanceof String text) {
          taker.take(new Document.Text(text, true));
          continue;
        }
        if (object.get("messages") instanceof List<?> messages) {
          taker.take(new Document.Chat(turns(source, number, messages)));
          continue;
        }
      }
      throw bad(source, number, "neither text nor messages");
    }
  }

  private static List<Turn> turns(Recipe.Source source, int line, List<?> messages) {
    List<Turn> turns = new ArrayList<>();
    for (Object message : messages) {
      if (message instanceof Map<?, ?> map
          && map.get("role") instanceof String role
          && map.get("content") instanceof String content) {
        turns.add(new Turn(role, content));
      } else {
        throw bad(source, line, "a message without role and content");
      }
    }
    return turns;
  }

  private static AdaptException bad(Recipe.Source source, int line, String what) {
    return new AdaptException(
        "train-bad-data",
        "a line of data is not as it should be",
        source.file() + " line " + line + ": " + what,
        "{\"text\": \"...\"} or {\"messages\": [{\"role\": \"user\", \"content\": \"...\"}, ...]}",
        "correct the line");
  }
}
