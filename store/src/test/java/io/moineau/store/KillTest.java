package io.moineau.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at any moment loses nothing that was acknowledged.
 *
 * <p>A child process opens the store, writes usage, keys and conversations, and says each that was
 * acknowledged; it is killed at a random moment, at times while it opens the store. The same store
 * lives through all kills of a run, so that what one leaves behind meets the next. {@code
 * -Dmoineau.kills=300} kills more often; {@code -Dmoineau.seed=} repeats a run.
 */
final class KillTest {
  private static final int KILLS = Integer.getInteger("moineau.kills", 0);
  private static final long SEED = Long.getLong("moineau.seed", System.nanoTime());

  @TempDir Path folder;

  /** What the children said, summed up. */
  private static final class Acknowledged {
    private final Map<String, Boolean> secrets = new HashMap<>();
    private final Map<String, Integer> conversations = new HashMap<>();
    private final List<String> revoked = new ArrayList<>();
    private long usage;
    private long begun;
    private int lives;
    private int killedWhileOpening;
  }

  @Test
  void kill_ofAProcessWithH2_losesNothing() throws Exception {
    int kills = KILLS == 0 ? 8 : KILLS;
    StoreOptions options = StoreOptions.inFolder(folder);
    Acknowledged all = killOften(options, kills);
    assertThat(all.usage).as("acknowledged writes of usage").isGreaterThan(kills);
    assertThat(folder.resolve("store.mv.db").toFile().length()).isLessThan(64 << 20);
  }

  @Test
  void kill_ofAProcessWithPostgresql_losesNothing() throws Exception {
    int kills = KILLS == 0 ? 3 : KILLS / 4;
    Postgres postgres = Postgres.shared();
    Acknowledged all = killOften(postgres.options(postgres.newDatabase()), kills);
    assertThat(all.usage).as("acknowledged writes of usage").isGreaterThan(kills);
  }

  private Acknowledged killOften(StoreOptions options, int kills) throws Exception {
    System.err.println("seed " + SEED + ", " + kills + " kills: -Dmoineau.seed= repeats them");
    Random random = new Random(SEED);
    Acknowledged all = new Acknowledged();
    for (int life = 0; life < kills; life++) {
      liveAndDie(options, random, life, all);
      if (life % 8 == 7 || life == kills - 1) {
        check(options, all);
      }
    }
    System.err.println(
        all.lives
            + " kills, "
            + all.killedWhileOpening
            + " of them while the store was opened; acknowledged: "
            + all.usage
            + " usages, "
            + all.secrets.size()
            + " keys, "
            + all.revoked.size()
            + " revoked, conversations of "
            + all.conversations.values().stream().mapToInt(Integer::intValue).sum()
            + " characters");
    return all;
  }

  private void liveAndDie(StoreOptions options, Random random, int life, Acknowledged all)
      throws IOException, InterruptedException {
    Process child =
        Child.start(
            List.of(),
            Writer.class,
            options.url(),
            options.user(),
            options.password(),
            "life" + life);
    List<String> said;
    try {
      said = until(child, random, life);
    } finally {
      child.toHandle().destroyForcibly(); // SIGKILL; the Process would close its output unread
    }
    all.lives++;
    child.inputReader().lines().forEach(said::add);
    all.killedWhileOpening += said.contains("open") ? 0 : 1;
    for (String line : said) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "begin" -> all.begun++;
        case "usage" -> all.usage++;
        case "key" -> all.secrets.put(words[1], true);
        case "conversation" -> all.conversations.put("life" + life, Integer.parseInt(words[1]));
        case "revoked" -> all.revoked.add(words[1]);
        default -> assertThat(line).isEqualTo("open");
      }
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Waits for the moment of a child's end; returns what it said until then. */
  private static List<String> until(Process child, Random random, int life)
      throws IOException, InterruptedException {
    List<String> said = new ArrayList<>();
    if (random.nextInt(6) == 0) {
      Thread.sleep(random.nextInt(800)); // while it opens the store, most times
      return said;
    }
    BufferedReader lines = child.inputReader();
    int last = 1 + random.nextInt(60);
    do {
      String line = lines.readLine();
      assertThat(line).as("life %s after %s", life, said).isNotNull();
      said.add(line);
    } while (said.size() < last);
    Thread.sleep(0, random.nextInt(999_999)); // into the middle of what comes next
    return said;
  }

  private static void check(StoreOptions options, Acknowledged all) {
    try (Store store = Store.open(options.withConversations(true))) {
      // The last write of each life may have been made although nobody heard of it.
      assertThat(store.usage().day(Writer.KEY, Writer.DAY).requests())
          .isBetween(all.usage, all.begun);
      assertThat(store.usage().day(Writer.KEY, Writer.DAY).tokens())
          .isEqualTo(5 * store.usage().day(Writer.KEY, Writer.DAY).requests());
      all.secrets.keySet().forEach(secret -> assertThat(store.keys().findAny(secret)).isPresent());
      List<ApiKey> keys = store.keys().list();
      all.revoked.forEach(name ->
          assertThat(keys)
              .filteredOn(key -> key.name().equals(name))
              .allMatch(key -> key.revoked().isPresent()));
      all.conversations.forEach((id, length) ->
          assertThat(store.conversations().find(Writer.KEY, id).orElseThrow().json().length())
              .isGreaterThanOrEqualTo(length));
    }
  }
}
