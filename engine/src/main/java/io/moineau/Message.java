package io.moineau;

import io.moineau.text.ToolCall;
import java.util.List;
import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks
 * @param content what is said; text from outside, in which special tokens are never recognised
 * @param reasoning what the model thought before it said that; empty where there is none
 * @param toolCalls calls that the model asks for, in an answer of its own
 * @param toolCallId the call whose result this is, in a message of a tool; empty elsewhere
 * @param name of the speaker or the tool; empty where it does not matter
 */
public record Message(
    Role role,
    String content,
    String reasoning,
    List<ToolCall> toolCalls,
    String toolCallId,
    String name) {
  /** Checks that all are there. */
  public Message {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(reasoning, "reasoning");
    Objects.requireNonNull(toolCallId, "toolCallId");
    Objects.requireNonNull(name, "name");
    toolCalls = List.copyOf(toolCalls);
  }

  /** A message that is nothing but text. */
  public Message(Role role, String content) {
    this(role, content, "", List.of(), "", "");
  }

  /** Instructions for the whole conversation. */
  public static Message system(String content) {
    return new Message(Role.SYSTEM, content);
  }

  /** What the person says. */
  public static Message user(String content) {
    return new Message(Role.USER, content);
  }

  /** What the model said. */
  public static Message assistant(String content) {
    return new Message(Role.ASSISTANT, content);
  }

  /** What the model said, thought and asked for. */
  public static Message assistant(String content, String reasoning, List<ToolCall> toolCalls) {
    return new Message(Role.ASSISTANT, content, reasoning, toolCalls, "", "");
  }

  /** What a tool gave back. */
  public static Message tool(String toolCallId, String name, String result) {
    return new Message(Role.TOOL, result, "", List.of(), toolCallId, name);
  }
}
