package io.moineau.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.moineau.Message;
import io.moineau.Role;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A conversation as JSON: {@code {"model": ..., "messages": [{"role": ..., "content": ...}]}}. */
final class ChatFile {
  private static final int MOST_MESSAGES = 100_000;

  private ChatFile() {}

  /** Writes beside the file first, so that a failure leaves the old one. */
  static void save(Path file, String model, List<Message> messages) throws IOException {
    StringWriter text = new StringWriter();
    try (var json = JsonOutput.generator(text)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeArrayFieldStart("messages");
      for (Message message : messages) {
        json.writeStartObject();
        json.writeStringField("role", message.role().word());
        json.writeStringField("content", message.content());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    if (Files.isDirectory(file)) {
      throw new CliException("not-a-file", "a directory is there", file.toString(), "a file", "");
    }
    Path parent = file.toAbsolutePath().getParent();
    Path beside = Files.createTempFile(parent, ".moineau", ".json");
    try {
      Files.writeString(beside, text.append('\n').toString());
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /**
   * Reads what {@link #save} wrote, or an array of messages alone.
   *
   * @throws CliException {@code chat-file-damaged} if it is anything else
   */
  static List<Message> load(Path file) throws IOException {
    List<Message> messages = new ArrayList<>();
    String text = InputText.file(file);
    try (JsonParser json = new JsonFactory().createParser(text)) {
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_ARRAY) {
        messages(json, file, messages);
      } else if (first == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          boolean wanted = json.currentName().equals("messages");
          if (json.nextToken() == JsonToken.START_ARRAY && wanted) {
            messages(json, file, messages);
          } else {
            json.skipChildren();
          }
        }
      } else {
        throw damaged(file, "it begins with neither { nor [");
      }
    } catch (StreamReadException e) {
      throw damaged(file, e.getOriginalMessage());
    }
    if (messages.isEmpty()) {
      throw damaged(file, "there are no messages");
    }
    return messages;
  }

  private static void messages(JsonParser json, Path file, List<Message> messages)
      throws IOException {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      String role = "";
      String content = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("role") && value == JsonToken.VALUE_STRING) {
          role = json.getText();
        } else if (name.equals("content") && value == JsonToken.VALUE_STRING) {
          content = json.getText();
        } else {
          json.skipChildren();
        }
      }
      messages.add(message(file, role, content));
      if (messages.size() > MOST_MESSAGES) {
        throw damaged(file, "more than " + MOST_MESSAGES + " messages");
      }
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw damaged(file, "messages must be objects");
    }
  }

  private static Message message(Path file, String role, @Nullable String content) {
    if (content == null) {
      throw damaged(file, "a message has no content");
    }
    return new Message(Role.of(role), content);
  }

  private static CliException damaged(Path file, String why) {
    return new CliException(
        "chat-file-damaged",
        "a saved chat cannot be read",
        file + ": " + why,
        "{\"messages\": [{\"role\": \"user\", \"content\": \"...\"}]}",
        "");
  }
}
