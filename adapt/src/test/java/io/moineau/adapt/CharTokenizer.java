package io.moineau.adapt;

import io.moineau.text.MarkedText;
import io.moineau.text.Span;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A token for each character, and one for whatever looks like a special token of some family. */
final class CharTokenizer implements Tokenizer {
  private static final int FIRST_SPECIAL = 1 << 17;
  private static final Pattern SPECIAL =
      Pattern.compile(
          "<[|\uFF5C][^<>|\uFF5C]{1,40}[|\uFF5C]>|</?s>|\\[/?[A-Z_]{3,20}\\]|<(start|end)_of_turn>"
              + "|<[a-z]+:[a-z]+>|\\[e~\\[|<SPECIAL_\\d+>");

  private final Map<String, Integer> specials = new LinkedHashMap<>();
  private final List<String> ends;
  private final String bos;
  private final String eos;

  CharTokenizer(String bos, String eos, String... moreEnds) {
    this.bos = bos;
    this.eos = eos;
    ends = new ArrayList<>(List.of(moreEnds));
    ends.add(eos);
    ends.forEach(this::special);
    special(bos);
    if (ends.contains("<|im_end|>")) {
      special("<|im_start|>");
    }
  }

  private int special(String text) {
    return specials.computeIfAbsent(text, t -> FIRST_SPECIAL + specials.size());
  }

  @Override
  public int[] encode(MarkedText text, boolean addSpecial) {
    List<Integer> ids = new ArrayList<>();
    Matcher matcher = SPECIAL.matcher(text.text());
    int at = 0;
    while (at < text.text().length()) {
      boolean found = matcher.find(at);
      int start = found ? matcher.start() : text.text().length();
      text.text().substring(at, start).chars().forEach(ids::add);
      if (!found) {
        break;
      }
      if (isTrusted(text, start, matcher.end())) {
        ids.add(special(matcher.group()));
      } else {
        matcher.group().chars().forEach(ids::add);
      }
      at = matcher.end();
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean isTrusted(MarkedText text, int start, int end) {
    for (Span span : text.untrusted()) {
      if (span.start() < end && span.end() > start) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    return encode(parseSpecial ? MarkedText.trusted(text) : MarkedText.untrusted(text), addSpecial);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      if (!isSpecial(id) || !skipSpecial) {
        text.append(token(id));
      }
    }
    return text.toString();
  }

  @Override
  public String token(int id) {
    if (!isSpecial(id)) {
      return String.valueOf((char) id);
    }
    return specials.entrySet().stream()
        .filter(entry -> entry.getValue() == id)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= FIRST_SPECIAL;
  }

  @Override
  public byte[] bytes(int id) {
    return token(id).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public OptionalInt find(String token) {
    Integer id = specials.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public OptionalInt bosId() {
    return find(bos);
  }

  @Override
  public OptionalInt eosId() {
    return find(eos);
  }

  @Override
  public int[] endOfGenerationIds() {
    return ends.stream().mapToInt(this::special).toArray();
  }

  @Override
  public int vocabularySize() {
    return FIRST_SPECIAL + specials.size();
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String describe() {
    return "characters";
  }
}
