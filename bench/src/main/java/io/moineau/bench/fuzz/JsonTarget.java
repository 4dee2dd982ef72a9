package io.moineau.bench.fuzz;

import io.moineau.text.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The JSON reader. */
final class JsonTarget implements FuzzTarget {
  private static final String SAMPLE =
      "{\"a\": [1, -2.5e3, true, null, \"x\\u00e9\\n\"], \"b\": {\"c\": [[[]]], \"d\": \"\\ud83d\\ude00\"}}";

  @Override
  public String name() {
    return "json";
  }

  @Override
  public List<Sample> samples() {
    return List.of(new Sample(SAMPLE.getBytes(StandardCharsets.UTF_8), List.of()));
  }

  @Override
  public void read(byte[] input) {
    Json.parse(input);
  }
}
