package io.moineau;

import io.moineau.engine.EngineException;

/** Who speaks in a {@link Message}; the words are OpenAI's, which chat templates use too. */
public enum Role {
  /** Instructions that hold for the whole conversation. */
  SYSTEM("system"),
  /** The person. */
  USER("user"),
  /** The model. */
  ASSISTANT("assistant"),
  /** The result of a tool. */
  TOOL("tool");

  private final String word;

  Role(String word) {
    this.word = word;
  }

  /** The word that templates and files use, such as {@code user}. */
  public String word() {
    return word;
  }

  /**
   * The role of a word; OpenAI's {@code developer} is the system.
   *
   * @throws EngineException {@code message-bad-role} if there is none
   */
  public static Role of(String word) {
    for (Role role : values()) {
      if (role.word.equals(word)) {
        return role;
      }
    }
    if (word.equals("developer")) {
      return SYSTEM;
    }
    throw new EngineException(
        "message-bad-role",
        "a message has an unknown role",
        "role \"" + word + "\"",
        "system, developer, user, assistant, tool",
        "correct the role");
  }
}
