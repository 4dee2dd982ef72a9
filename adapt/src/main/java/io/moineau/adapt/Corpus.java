package io.moineau.adapt;

import io.moineau.adapt.block.TokenBatch;
import io.moineau.text.Tokenizer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** The tokens of all documents, and the order in which a training meets them. */
final class Corpus {
  /** Set on a token that is read but not predicted: what a user says in a chat. */
  private static final int UNCOUNTED = 1 << 31;

  private int[] tokens = new int[1 << 16];
  private int size;
  private int[] starts = new int[1 << 10]; // where each document begins
  private int documents;
  private int[] entries = new int[1 << 10]; // documents, each as often as it is repeated
  private int numEntries;

  /** A place in the stream of documents. */
  static final class Cursor {
    int epoch;
    int entry;
    int offset;
    private int[] order = new int[0];
    private int orderOf = -1;
  }

  /** Adds a document. */
  void add(Tokenizer tokenizer, Documents.Document document, int repeat) {
    if (documents + 1 >= starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    int begin = tokenizer.bosId().orElse(-1);
    if (begin >= 0) {
      put(begin | UNCOUNTED);
    }
    switch (document) {
      case Documents.Document.Text text -> {
        for (int token : tokenizer.encode(text.text(), false, false)) {
          put(token);
        }
        if (text.ends()) {
          put(tokenizer.eosId().orElseThrow());
        }
      }
      case Documents.Document.Chat chat -> {
        for (Documents.Turn turn : chat.turns()) {
          add(tokenizer, turn);
        }
        put(tokenizer.eosId().orElseThrow() | UNCOUNTED);
      }
    }
    documents++;
    starts[documents] = size;
    for (int i = 0; i < repeat; i++) {
      if (numEntries == entries.length) {
        entries = Arrays.copyOf(entries, 2 * numEntries);
      }
      entries[numEntries++] = documents - 1;
    }
  }

  private void add(Tokenizer tokenizer, Documents.Turn turn) {
    int start = special(tokenizer, "<|im_start|>");
    int end = special(tokenizer, "<|im_end|>");
    int counted = turn.role().equals("assistant") ? 0 : UNCOUNTED;
    int head = tokenizer.encode(turn.role() + "\n", false, false).length;
    put(start | UNCOUNTED);
    int[] words = tokenizer.encode(turn.role() + "\n" + turn.content(), false, false);
    for (int i = 0; i < words.length; i++) {
      put(words[i] | (i < head ? UNCOUNTED : counted));
    }
    put(end | counted);
    for (int token : tokenizer.encode("\n", false, false)) {
      put(token | UNCOUNTED);
    }
  }

  private static int special(Tokenizer tokenizer, String token) {
    return tokenizer
        .find(token)
        .orElseThrow(() ->
            new AdaptException(
                "train-bad-vocabulary",
                "the vocabulary has no tokens for chats",
                token + " is missing",
                "<|im_start|> and <|im_end|>",
                "learn a vocabulary, or give texts instead of messages"));
  }

  private void put(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.addExact(size, Math.max(1 << 16, size / 2)));
    }
    tokens[size++] = token;
  }

  /** Tokens of all documents, each counted once. */
  int size() {
    return size;
  }

  /** Documents. */
  int documents() {
    return documents;
  }

  /** Takes a document: tokens {@code from} to {@code to - 1}. */
  interface Taker {
    void take(int[] tokens, int from, int to);
  }

  /** Shows each document, as often as it is repeated. */
  void each(Taker taker) {
    int[] plain = new int[size];
    for (int i = 0; i < size; i++) {
      plain[i] = tokens[i] & ~UNCOUNTED;
    }
    for (int i = 0; i < numEntries; i++) {
      taker.take(plain, starts[entries[i]], starts[entries[i] + 1]);
    }
  }

  /** Whether a token is to be predicted. */
  boolean isCounted(int i) {
    return tokens[i] >= 0;
  }

  /** A number that changes when the tokens, or how often they come, change. */
  long checksum() {
    CRC32C crc = new CRC32C();
    update(crc, tokens, size);
    update(crc, entries, numEntries);
    return crc.getValue();
  }

  private static void update(CRC32C crc, int[] values, int n) {
    java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(4 * 4096);
    for (int at = 0; at < n; at += 4096) {
      buffer.clear();
      for (int i = at; i < Math.min(n, at + 4096); i++) {
        buffer.putInt(values[i]);
      }
      crc.update(buffer.flip());
    }
  }

  /** Fills a batch from the stream, which goes on for ever; each pass has an order of its own. */
  void fill(Cursor cursor, long seed, int context, TokenBatch batch) {
    batch.clear();
    while (batch.room() > 0) {
      if (cursor.entry >= numEntries) {
        cursor.entry = 0;
        cursor.epoch++;
      }
      if (cursor.orderOf != cursor.epoch) {
        cursor.order = order(seed, cursor.epoch);
        cursor.orderOf = cursor.epoch;
      }
      int document = entries[cursor.order[cursor.entry]];
      cursor.offset = piece(document, cursor.offset, context, batch);
      if (cursor.offset == 0) {
        cursor.entry++;
      }
    }
  }

  /**
   * Adds a segment of a document from an offset on; returns where the next one begins, 0 where the
   * document is at its end.
   */
  private int piece(int document, int offset, int context, TokenBatch batch) {
    int from = starts[document] + offset;
    int end = starts[document + 1];
    int n = Math.min(Math.min(context, batch.room()), end - 1 - from);
    if (n > 0) {
      batch.beginSegment();
    }
    for (int i = from; i < from + n; i++) {
      int next = tokens[i + 1];
      batch.add(tokens[i] & ~UNCOUNTED, next < 0 ? TokenBatch.NO_TARGET : next);
    }
    return from + n >= end - 1 ? 0 : offset + n;
  }

  /** All of the documents once, in order, batch by batch: for validation. */
  boolean next(Cursor cursor, int context, TokenBatch batch) {
    batch.clear();
    while (batch.room() > 0 && cursor.entry < documents) {
      cursor.offset = piece(cursor.entry, cursor.offset, context, batch);
      if (cursor.offset == 0) {
        cursor.entry++;
      }
    }
    return batch.size() > 0;
  }

  private int[] order(long seed, int epoch) {
    int[] order = new int[numEntries];
    SplittableRandom random = new SplittableRandom(seed * 1_000_003L + epoch);
    for (int i = 0; i < numEntries; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }
}
