package io.moineau.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Plain English sentences from a seed: what tiny vocabularies are learnt from, and prompts. */
public final class TinyText {
  private static final String[] SUBJECTS = {
    "the sparrow", "a small bird", "the old gardener", "my sister", "the river", "a quiet child",
    "the baker", "our neighbour", "the wind", "every traveller", "the teacher", "a grey cat"
  };
  private static final String[] VERBS = {
    "looked at",
    "sang to",
    "waited for",
    "found",
    "remembered",
    "walked past",
    "painted",
    "listened to",
    "followed",
    "carried",
    "thought about",
    "opened"
  };
  private static final String[] OBJECTS = {
    "the garden",
    "an open window",
    "the morning light",
    "a loaf of bread",
    "the long road",
    "some water",
    "the tall tree",
    "a letter",
    "the blue door",
    "three stones",
    "the first snow",
    "a warm stove"
  };
  private static final String[] ENDINGS = {
    "and went home",
    "before the rain came",
    "while nobody was there",
    "and was happy",
    "in the evening",
    "without a word",
    "near the market",
    "for a long time",
    "again and again",
    "as the day began"
  };

  private static final String[] MANNERS = {
    "slowly",
    "kindly",
    "with great care",
    "almost silently",
    "every summer",
    "half asleep",
    "for the second time",
    "because of the storm",
    "as usual",
    "twice a week",
    "from the bridge",
    "without hurry",
    "quite by chance",
    "under the stars",
    "like a friend",
    "much too early"
  };

  private TinyText() {}

  /** About {@code sentences} sentences, the same for the same seed. */
  public static String sentences(long seed, int sentences) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < sentences; i++) {
      String subject = pick(random, SUBJECTS);
      text.append(Character.toUpperCase(subject.charAt(0))).append(subject, 1, subject.length());
      text.append(' ').append(pick(random, VERBS)).append(' ').append(pick(random, OBJECTS));
      text.append(' ').append(pick(random, MANNERS));
      text.append(' ').append(pick(random, ENDINGS)).append(i + 1 < sentences ? ". " : ".");
    }
    return text.toString();
  }

  /** Every word that may be in a sentence, as it is within one. */
  static Set<String> words() {
    Set<String> words = new HashSet<>();
    for (String[] phrases : List.of(SUBJECTS, VERBS, OBJECTS, MANNERS, ENDINGS)) {
      for (String phrase : phrases) {
        words.addAll(List.of(phrase.split(" ")));
      }
    }
    return words;
  }

  private static String pick(Random random, String[] of) {
    return of[random.nextInt(of.length)];
  }
}
