package io.moineau;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks
 * @param content what is said; text from outside, in which special tokens are never recognised
 */
public record Message(Role role, String content) {
  /** Checks that both are there. */
  public Message {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
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
}
