package io.moineau.store;

import java.time.Instant;
import java.time.LocalDate;

/**
 * A process that writes to a store without end and says on standard output what was acknowledged,
 * for tests that kill it.
 */
final class Writer {
  static final LocalDate DAY = LocalDate.of(2026, 11, 21);
  static final String KEY = "writer";

  private Writer() {}

  /**
   * Writes until it is killed.
   *
   * @param args the database's URL, its user and its password, and a name for this life
   */
  public static void main(String[] args) {
    StoreOptions options =
        StoreOptions.ofUrl(args[0]).withLogin(args[1], args[2]).withConversations(true);
    String life = args[3];
    StringBuilder text = new StringBuilder();
    try (Store store = Store.open(options)) {
      say("open");
      for (int i = 0; ; i++) {
        say("begin usage");
        say(store.usage().add(KEY, DAY, 3, 2, 1) ? "usage" : "failed usage");
        if (i % 3 == 0) {
          say("key " + store.keys().add(KeyRequest.named(life + "-" + i)).secret());
        }
        if (i % 3 == 1) {
          text.append("word ").append(i).append(' ');
          store.conversations().put(KEY, new Conversation(life, life, Instant.now(), text + ""));
          say("conversation " + text.length());
        }
        if (i % 10 == 9) {
          store.keys().revoke(life + "-" + (i - i % 3));
          say("revoked " + life + "-" + (i - i % 3));
        }
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    if (System.out.checkError()) {
      System.exit(1); // the test is gone
    }
  }
}
