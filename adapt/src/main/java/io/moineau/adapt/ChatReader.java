package io.moineau.adapt;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads chats from JSON lines, each in one of three forms: {@code messages} with role and content
 * (OpenAI), {@code conversations} with from and value (ShareGPT), or {@code instruction}, {@code
 * input} and {@code output} (Alpaca).
 */
final class ChatReader {
  private static final String FORMS =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"...\"}, {\"role\": \"assistant\", ...}]},"
          + " {\"conversations\": [{\"from\": \"human\", \"value\": \"...\"}, ...]} or"
          + " {\"instruction\": \"...\", \"output\": \"...\"}";

  private final Path file;
  private final List<Chat> chats = new ArrayList<>();
  private String place = "";

  private ChatReader(Path file) {
    this.file = file;
  }

  /**
   * A chat as templates take it.
   *
   * @param place file and line
   * @param messages role, content and what else each has, as Hugging Face's templates name it
   * @param learnt of each message, whether the assistant is to learn it
   * @param tools what it could call, as JSON; empty for none
   */
  record Chat(
      String place, List<Map<String, Object>> messages, List<Boolean> learnt, List<Object> tools) {}

  /**
   * All chats of a file, plain or gzipped.
   *
   * @throws AdaptException {@code finetune-bad-data} with the line
   */
  static List<Chat> read(Path file) {
    ChatReader reader = new ChatReader(file);
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
        InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    plain,
                    StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
      reader.lines(lines);
    } catch (IOException e) {
      throw new AdaptException(
          "finetune-bad-data",
          "a file of chats cannot be read",
          file + " (" + e + ")",
          "JSON lines in UTF-8, plain or gzipped (.gz)",
          "check the file");
    }
    return reader.chats;
  }

  private void lines(BufferedReader lines) throws IOException {
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      place = file + " line " + number;
      if (line.isBlank()) {
        continue;
      }
      Object value;
      try {
        value = Json.parse(line.strip());
      } catch (TextException e) {
        throw bad("no JSON: " + e.where(), FORMS);
      }
      chats.add(chat(value));
    }
  }

  private AdaptException bad(String found, String allowed) {
    return new AdaptException(
        "finetune-bad-data",
        "a line of chats is not as it should be",
        place + ": " + found,
        allowed,
        "correct the line, or leave it out");
  }

  private Chat chat(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      if (object.get("messages") instanceof List<?> messages) {
        return messages(messages, object.get("tools"));
      }
      if (object.get("conversations") instanceof List<?> turns) {
        return conversations(object, turns);
      }
      if (object.containsKey("instruction") && object.containsKey("output")) {
        return instruction(object);
      }
      throw bad("an object with " + object.keySet(), FORMS);
    }
    throw bad("no object", FORMS);
  }

  private Chat messages(List<?> messages, @Nullable Object tools) {
    List<Map<String, Object>> list = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    for (Object item : messages) {
      if (!(item instanceof Map<?, ?> message) || !(message.get("role") instanceof String role)) {
        throw bad("message " + (list.size() + 1) + " without a role", FORMS);
      }
      if (!List.of("system", "developer", "user", "assistant", "tool").contains(role)) {
        throw bad("role=" + role, "system, developer, user, assistant, tool");
      }
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("role", role);
      out.put("content", content(message.get("content"), message.containsKey("tool_calls")));
      for (Map.Entry<?, ?> entry : message.entrySet()) {
        String key = String.valueOf(entry.getKey());
        Object other = entry.getValue();
        if (key.equals("tool_calls") && other instanceof List<?> calls) {
          out.put(key, calls(calls));
        } else if (other != null && !out.containsKey(key) && !key.equals("weight")) {
          out.put(key, other);
        }
      }
      list.add(out);
      boolean counts = !(message.get("weight") instanceof Number w) || w.doubleValue() != 0;
      learnt.add(counts && role.equals("assistant"));
    }
    return chat(list, learnt, tools instanceof List<?> some ? List.copyOf(some) : List.of());
  }

  private Chat chat(List<Map<String, Object>> messages, List<Boolean> learnt, List<Object> tools) {
    if (!learnt.contains(true)) {
      throw bad(
          "a chat of " + messages.size() + " messages with nothing to learn",
          "at least one message of the assistant");
    }
    return new Chat(place, messages, learnt, tools);
  }

  /** Text, or OpenAI's list of parts of which all are text. */
  private String content(@Nullable Object content, boolean mayMiss) {
    if (content instanceof String text) {
      return text;
    }
    if (content == null && mayMiss) {
      return "";
    }
    if (content instanceof List<?> parts) {
      StringBuilder text = new StringBuilder();
      for (Object part : parts) {
        if (part instanceof Map<?, ?> map
            && "text".equals(map.get("type"))
            && map.get("text") instanceof String piece) {
          text.append(piece);
        } else {
          throw bad("a part of a message that is no text", "parts of type text");
        }
      }
      return text.toString();
    }
    throw bad("a message without content", "text");
  }

  /** Templates write a call's arguments as JSON: they want the object, and OpenAI has a string. */
  private List<Object> calls(List<?> calls) {
    List<Object> out = new ArrayList<>();
    for (Object call : calls) {
      if (!(call instanceof Map<?, ?> map)) {
        throw bad("a tool call that is no object", "{\"function\": {\"name\": ..., ...}}");
      }
      Map<String, Object> copy = copy(map);
      if (map.get("function") instanceof Map<?, ?> function) {
        Map<String, Object> inner = copy(function);
        if (inner.get("arguments") instanceof String text) {
          inner.put("arguments", arguments(text));
        }
        copy.put("function", inner);
      }
      out.add(copy);
    }
    return out;
  }

  private static Map<String, Object> copy(Map<?, ?> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (value != null) {
        copy.put(String.valueOf(key), value);
      }
    });
    return copy;
  }

  private Object arguments(String text) {
    try {
      Object value = Json.parse(text);
      return value == null ? text : value;
    } catch (TextException e) {
      throw bad("arguments of a tool call that are no JSON", "JSON in a string, or an object");
    }
  }

  private Chat conversations(Map<?, ?> object, List<?> turns) {
    List<Map<String, Object>> list = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    if (object.get("system") instanceof String system && !system.isEmpty()) {
      add(list, learnt, "system", system);
    }
    for (Object item : turns) {
      if (item instanceof Map<?, ?> turn
          && turn.get("from") instanceof String from
          && turn.get("value") instanceof String value) {
        String role =
            switch (from) {
              case "system" -> "system";
              case "human", "user" -> "user";
              case "gpt", "assistant", "model", "chatgpt", "bing", "bard" -> "assistant";
              case "tool", "observation" -> "tool";
              default ->
                  throw bad("from=" + from, "system, human, user, gpt, assistant, model, tool");
            };
        add(list, learnt, role, value);
      } else {
        throw bad("turn " + (list.size() + 1) + " without from and value", FORMS);
      }
    }
    return chat(list, learnt, List.of());
  }

  private Chat instruction(Map<?, ?> object) {
    List<Map<String, Object>> list = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    if (object.get("system") instanceof String system && !system.isEmpty()) {
      add(list, learnt, "system", system);
    }
    if (object.get("history") instanceof List<?> history && !history.isEmpty()) {
      throw bad("a history beside the instruction", "messages or conversations for several turns");
    }
    if (!(object.get("instruction") instanceof String question)
        || !(object.get("output") instanceof String answer)) {
      throw bad("an instruction or output that is no text", FORMS);
    }
    Object input = object.get("input");
    boolean more = input instanceof String text && !text.isEmpty();
    add(list, learnt, "user", more ? question + "\n\n" + input : question);
    add(list, learnt, "assistant", answer);
    return chat(list, learnt, List.of());
  }

  private static void add(
      List<Map<String, Object>> list, List<Boolean> learnt, String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    list.add(message);
    learnt.add(role.equals("assistant"));
  }
}
