package io.moineau.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jline.reader.Candidate;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** The words that begin with a slash in a chat, and their completion. */
final class ChatCommands {
  /** What each does, as {@code /help} shows it. */
  static final Map<String, String> HELP = new LinkedHashMap<>();

  static {
    HELP.put("/help", "show this");
    HELP.put("/system", "[TEXT]  show or set the instructions; /system clear takes them away");
    HELP.put("/set", "[NAME VALUE]  show or change sampling, such as /set temp 0.2");
    HELP.put("/regenerate", "ask the last question again");
    HELP.put("/clear", "forget the conversation, keep the instructions");
    HELP.put("/save", "FILE  write the conversation as JSON");
    HELP.put("/load", "FILE  go on with a saved conversation");
    HELP.put("/stats", "tokens, speed, context in use");
    HELP.put("/experts", "which experts this chat has used");
    HELP.put("/model", "[FILE]  show the model, or change to another");
    HELP.put("/quit", "leave (also Ctrl-D)");
  }

  private ChatCommands() {}

  /** Completes commands, names after /set, and files after /save, /load and /model. */
  static void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String text = line.line();
    if (!text.startsWith("/")) {
      return;
    }
    List<String> before = TerminalChatInput.wordsBefore(line);
    if (before.isEmpty()) {
      HELP.forEach((name, meaning) -> candidates.add(TerminalChatInput.candidate(name, meaning)));
    } else if (before.getFirst().equals("/set") && before.size() == 1) {
      for (String name : SamplingSettings.names()) {
        candidates.add(TerminalChatInput.candidate(name, ""));
      }
    } else if (before.size() == 1
        && List.of("/save", "/load", "/model").contains(before.getFirst())) {
      files(line.word(), candidates);
    }
  }

  private static void files(String begun, List<Candidate> candidates) {
    int cut = begun.lastIndexOf('/') + 1;
    String folder = begun.substring(0, cut);
    java.io.File[] files = new java.io.File(folder.isEmpty() ? "." : folder).listFiles();
    if (files == null) {
      return;
    }
    for (java.io.File file : files) {
      if (!file.getName().startsWith(".") && candidates.size() < 500) {
        String end = file.isDirectory() ? "/" : "";
        String word = folder + file.getName() + end;
        candidates.add(
            new Candidate(word, file.getName() + end, null, null, null, null, end.isEmpty()));
      }
    }
  }
}
