package io.moineau.adapt;

import io.moineau.adapt.block.TokenBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Chats as tokens, each cut to the context at the end of a turn, and the order they come in. */
final class ChatCorpus {
  private final int context;
  private final List<ChatEncoder.Encoded> chats = new ArrayList<>();
  private int cut;
  private int leftOut;
  private long tokens;
  private long learnt;
  private int longest;

  /**
   * No chats yet.
   *
   * @param context tokens of a chat at most
   */
  ChatCorpus(int context) {
    this.context = context;
  }

  /** Adds a chat, if at least one answer fits. */
  void add(ChatEncoder.Encoded chat) {
    int end = 0;
    for (int turn : chat.ends()) {
      end = turn <= context ? turn : end;
    }
    if (end == 0) {
      leftOut++;
      return;
    }
    ChatEncoder.Encoded kept = chat;
    if (end < chat.tokens().length) {
      cut++;
      int length = end;
      kept =
          new ChatEncoder.Encoded(
              java.util.Arrays.copyOf(chat.tokens(), length),
              java.util.Arrays.copyOf(chat.learnt(), length),
              chat.ends().stream().filter(turn -> turn <= length).toList());
    }
    add(kept, countedOf(kept));
  }

  private void add(ChatEncoder.Encoded chat, int counted) {
    chats.add(chat);
    tokens += chat.tokens().length - 1;
    learnt += counted;
    longest = Math.max(longest, chat.tokens().length - 1);
  }

  /** The first token is never predicted. */
  private static int countedOf(ChatEncoder.Encoded chat) {
    int counted = 0;
    for (int i = 1; i < chat.learnt().length; i++) {
      counted += chat.learnt()[i] ? 1 : 0;
    }
    return counted;
  }

  /** Moves some chats, chosen by a seed, to a corpus of their own. */
  ChatCorpus split(int count, long seed) {
    int[] order = order(seed, -1);
    ChatCorpus other = new ChatCorpus(context);
    List<ChatEncoder.Encoded> rest = new ArrayList<>();
    for (int i = 0; i < order.length; i++) {
      ChatEncoder.Encoded chat = chats.get(order[i]);
      if (i < count) {
        other.add(chat, countedOf(chat));
      } else {
        rest.add(chat);
      }
    }
    chats.clear();
    tokens = 0;
    learnt = 0;
    rest.forEach(chat -> add(chat, countedOf(chat)));
    return other;
  }

  /** Chats. */
  int size() {
    return chats.size();
  }

  /** Chats of which turns at the end were left out. */
  int cut() {
    return cut;
  }

  /** Chats of which not even the first answer fits. */
  int leftOut() {
    return leftOut;
  }

  /** Tokens that are read in one pass. */
  long tokens() {
    return tokens;
  }

  /** Tokens that are predicted in one pass. */
  long learnt() {
    return learnt;
  }

  /** Tokens of the longest chat. */
  int longest() {
    return longest;
  }

  /** Tokens of a chat that are predicted. */
  int counted(int chat) {
    return countedOf(chats.get(chat));
  }

  /** Tokens of a chat that are read. */
  int length(int chat) {
    return chats.get(chat).tokens().length - 1;
  }

  /** Adds a chat to a batch as a segment of its own. */
  void fill(int chat, TokenBatch batch) {
    ChatEncoder.Encoded encoded = chats.get(chat);
    batch.beginSegment();
    for (int i = 0; i + 1 < encoded.tokens().length; i++) {
      batch.add(
          encoded.tokens()[i],
          encoded.learnt()[i + 1] ? encoded.tokens()[i + 1] : TokenBatch.NO_TARGET);
    }
  }

  /** The order of the chats in a pass. */
  int[] order(long seed, int epoch) {
    int[] order = new int[chats.size()];
    SplittableRandom random = new SplittableRandom(seed * 1_000_003L + epoch);
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /** A number that changes when the tokens, or which of them are learnt, change. */
  long checksum() {
    CRC32C crc = new CRC32C();
    for (ChatEncoder.Encoded chat : chats) {
      ByteBuffer bytes = ByteBuffer.allocate(5 * chat.tokens().length);
      for (int i = 0; i < chat.tokens().length; i++) {
        bytes.putInt(chat.tokens()[i]).put((byte) (chat.learnt()[i] ? 1 : 0));
      }
      crc.update(bytes.flip());
    }
    return crc.getValue();
  }
}
