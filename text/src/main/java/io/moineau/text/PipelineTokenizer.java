package io.moineau.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A tokenizer in the steps of Hugging Face's: tokens found as written, normalizer, pre-tokenizer,
 * model, special tokens around, and decoder. Every file format becomes one of these.
 */
final class PipelineTokenizer implements Tokenizer {
  /** How a token's bytes are written in the vocabulary. */
  enum Spelling {
    /** GPT-2's characters. */
    BYTE_LEVEL,
    /** U+2581 for a space and {@code <0x0A>} for a byte. */
    SENTENCE_PIECE,
    /** As they are. */
    PLAIN
  }

  /** What a tokenizer is made of; the parser of each format fills it in. */
  static final class Parts {
    Vocabulary vocabulary = new Vocabulary(List.of());
    List<AddedTokens.Added> added = List.of();
    List<AddedTokens.Added> addedAfterNormalizing = List.of();
    boolean normalizesAdded; // whether the tokens found after normalizing are normalized too
    TextNormalizer normalizer = TextNormalizer.none();
    PreTokenizer preTokenizer = PreTokenizer.none();
    TokenModel model = new WordPieceModel(vocabulary, -1, null, 0);
    int[] before = new int[0];
    int[] after = new int[0];
    Decoding decoding = tokens -> List.of(String.join(" ", tokens));
    Spelling spelling = Spelling.PLAIN;
    boolean stripsFirstSpace;
    Set<Integer> special = Set.of();
    OptionalInt bos = OptionalInt.empty();
    OptionalInt eos = OptionalInt.empty();
    List<Integer> endOfGeneration = List.of();
    String name = "";
  }

  /** Words seen before; text repeats itself. */
  private static final int CACHED_WORDS = 1 << 14;

  private static final int LONGEST_CACHED = 64;

  private final Parts parts;
  private final AddedTokens added;
  private final AddedTokens addedAfter;
  private final Map<Integer, AddedTokens.Added> addedById = new HashMap<>();
  private final Map<String, int[]> cache = new java.util.concurrent.ConcurrentHashMap<>();

  PipelineTokenizer(Parts parts) {
    this.parts = parts;
    this.added = new AddedTokens(parts.added, TextNormalizer.none());
    this.addedAfter =
        new AddedTokens(
            parts.addedAfterNormalizing,
            parts.normalizesAdded ? parts.normalizer : TextNormalizer.none());
    parts.added.forEach(t -> addedById.putIfAbsent(t.id(), t));
    parts.addedAfterNormalizing.forEach(t -> addedById.putIfAbsent(t.id(), t));
  }

  @Override
  public int vocabularySize() {
    return parts.vocabulary.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    return encode(text, List.of(), addSpecial, parseSpecial);
  }

  @Override
  public int[] encode(MarkedText text, boolean addSpecial) {
    return encode(text.text(), text.untrusted(), addSpecial, true);
  }

  private int[] encode(
      String text, List<Span> untrusted, boolean addSpecial, boolean parseSpecial) {
    IntList out = new IntList();
    if (addSpecial) {
      out.addAll(parts.before);
    }
    String whole = wellFormed(text);
    int at = 0;
    for (AddedTokens.Match match : added.find(whole, untrusted, parseSpecial)) {
      encodePlain(whole, at, match.start(), untrusted, parseSpecial, out);
      out.add(match.token().id());
      at = match.end();
    }
    encodePlain(whole, at, whole.length(), untrusted, parseSpecial, out);
    if (addSpecial) {
      out.addAll(parts.after);
    }
    return out.toArray();
  }

  private void encodePlain(
      String text, int from, int to, List<Span> untrusted, boolean parseSpecial, IntList out) {
    if (from >= to) {
      return;
    }
    String normal = parts.normalizer.apply(text.substring(from, to));
    // Normalizing moves characters: a special token is then only looked for where no user wrote.
    boolean trusted = untrusted.stream().noneMatch(s -> s.start() < to && s.end() > from);
    int at = 0;
    for (AddedTokens.Match match : addedAfter.find(normal, List.of(), parseSpecial && trusted)) {
      encodePieces(normal.substring(at, match.start()), from == 0 && at == 0, out);
      out.add(match.token().id());
      at = match.end();
    }
    encodePieces(normal.substring(at), from == 0 && at == 0, out);
  }

  private void encodePieces(String text, boolean first, IntList out) {
    if (text.isEmpty()) {
      return;
    }
    for (String piece : parts.preTokenizer.apply(List.of(text), first)) {
      if (piece.length() > LONGEST_CACHED) {
        parts.model.encode(piece, out);
        continue;
      }
      int[] ids = cache.get(piece);
      if (ids == null) {
        IntList fresh = new IntList();
        parts.model.encode(piece, fresh);
        ids = fresh.toArray();
        if (cache.size() < CACHED_WORDS) {
          cache.put(piece, ids);
        }
      }
      out.addAll(ids);
    }
  }

  /** Half of a surrogate pair is no character; it becomes U+FFFD, as in UTF-8. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
            .forEach(c ->
                out.appendCodePoint(
                    c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        // Lengths stay, so marked parts stay where they are.
        return out.toString();
      }
    }
    return text;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    List<String> tokens = new ArrayList<>(ids.length);
    for (int id : ids) {
      String token = written(id);
      if (!(skipSpecial && isSpecial(id)) && !token.isEmpty()) {
        tokens.add(token);
      }
    }
    return String.join("", parts.decoding.apply(tokens));
  }

  private String written(int id) {
    AddedTokens.Added token = addedById.get(id);
    return token != null ? token.content() : parts.vocabulary.token(id);
  }

  @Override
  public byte[] bytes(int id) {
    AddedTokens.Added token = addedById.get(id);
    if (token != null) {
      return token.content().getBytes(StandardCharsets.UTF_8);
    }
    String text = parts.vocabulary.token(id);
    return switch (parts.spelling) {
      case BYTE_LEVEL -> ByteLevel.bytes(text);
      case SENTENCE_PIECE -> {
        int b = ByteFallback.byteOf(text);
        yield b >= 0
            ? new byte[] {(byte) b}
            : text.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
      }
      case PLAIN -> text.getBytes(StandardCharsets.UTF_8);
    };
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    return new Streaming(skipSpecial);
  }

  private final class Streaming implements TokenDecoder {
    private final boolean skipSpecial;
    private final CharsetDecoder utf8 =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer pending = ByteBuffer.allocate(64);
    private boolean first = true;

    Streaming(boolean skipSpecial) {
      this.skipSpecial = skipSpecial;
    }

    @Override
    public String push(int id) {
      byte[] bytes = bytes(id);
      if (skipSpecial && isSpecial(id)) {
        return "";
      }
      int from = 0;
      if (first && parts.stripsFirstSpace && bytes.length > 0 && bytes[0] == ' ') {
        from = 1;
      }
      first = false;
      if (pending.remaining() < bytes.length) {
        ByteBuffer larger = ByteBuffer.allocate(pending.position() + bytes.length + 64);
        larger.put(pending.flip());
        pending = larger;
      }
      pending.put(bytes, from, bytes.length - from);
      return drain(false);
    }

    @Override
    public String flush() {
      return drain(true);
    }

    private String drain(boolean end) {
      pending.flip();
      CharBuffer chars = CharBuffer.allocate(pending.remaining() + 4);
      utf8.decode(pending, chars, end);
      if (end) {
        utf8.flush(chars);
        utf8.reset();
      }
      pending.compact();
      return chars.flip().toString();
    }
  }

  @Override
  public String token(int id) {
    return written(id);
  }

  @Override
  public OptionalInt find(String token) {
    for (AddedTokens.Added one : addedById.values()) {
      if (one.content().equals(token)) {
        return OptionalInt.of(one.id());
      }
    }
    return parts.vocabulary.find(token);
  }

  @Override
  public boolean isSpecial(int id) {
    return parts.special.contains(id);
  }

  @Override
  public OptionalInt bosId() {
    return parts.bos;
  }

  @Override
  public OptionalInt eosId() {
    return parts.eos;
  }

  @Override
  public int[] endOfGenerationIds() {
    return parts.endOfGeneration.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String describe() {
    return parts.model.describe()
        + (parts.name.isEmpty() ? "" : " (" + parts.name + ")")
        + ", "
        + vocabularySize()
        + " tokens";
  }
}
