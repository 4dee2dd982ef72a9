package io.moineau.plan.sweep;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Outcome;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * All rows of a sweep as a file of comma-separated values (RFC 4180, with a header), in the order
 * of their numbers; what was written of one can be read again, to go on where it ended.
 */
public final class SweepCsv {
  private static final List<String> COLUMNS =
      List.of(
          "index",
          "model",
          "chip",
          "count",
          "input_tokens",
          "output_tokens",
          "cached_share",
          "weights",
          "kv",
          "layout",
          "batch",
          "fits",
          "meets",
          "memory_share",
          "ttft_seconds",
          "tpot_seconds",
          "prefill_tokens_per_second",
          "decode_tokens_per_second",
          "output_tokens_per_second",
          "output_tokens_per_second_per_chip",
          "bound",
          "watts",
          "usd_per_million_tokens");

  private static final int MOST_LINE = 1 << 16; // far more than any line

  private SweepCsv() {}

  /** The first line, with its end. */
  public static String header() {
    return String.join(",", COLUMNS) + "\n";
  }

  /** A line, with its end. */
  public static void append(Row row, StringBuilder out) {
    Outcome outcome = row.outcome();
    Question question = row.cell().question();
    out.append(row.index()).append(',');
    quoted(question.model().name(), out);
    quoted(question.device().name(), out);
    out.append(question.count()).append(',');
    out.append(question.workload().inputTokens()).append(',');
    out.append(question.workload().outputTokens()).append(',');
    out.append(question.workload().cachedShare()).append(',');
    quoted(question.weights().name(), out);
    quoted(question.kv().name(), out);
    quoted(row.layout().text(), out);
    out.append(row.batch()).append(',');
    out.append(outcome.fits()).append(',').append(outcome.meets());
    number(outcome.memoryShare(), out);
    number(outcome.ttft(), out);
    number(outcome.tpot(), out);
    number(outcome.prefillTokensPerSecond(), out);
    number(outcome.decodeTokensPerSecond(), out);
    number(outcome.outputTokensPerSecond(), out);
    number(row.perChip(), out);
    out.append(',').append(outcome.bound().name().toLowerCase(Locale.ROOT));
    number(outcome.watts(), out);
    number(outcome.usdPerMillionTokens(), out);
    out.append('\n');
  }

  private static void quoted(String text, StringBuilder out) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    out.append(plain ? text : '"' + text.replace("\"", "\"\"") + '"').append(',');
  }

  /** Nothing stands for what is not known. */
  private static void number(double value, StringBuilder out) {
    out.append(',');
    if (!Double.isNaN(value)) {
      out.append(value);
    }
  }

  /**
   * Looks where a file ends, and cuts off a line that was not written whole. A file that is not
   * there is begun.
   *
   * @param from number of the first row that the file is to have
   * @return number of the row that is to be written next
   * @throws PlanException {@code plan-bad-file} if it is no such file, or one of another sweep
   * @throws IOException if it cannot be read or cut
   */
  static long resume(Path file, Sweep sweep, long from, Planner planner) throws IOException {
    if (Files.notExists(file)) {
      Files.writeString(file, header());
      return from;
    }
    try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
      String begin = text(whole, 0, Math.min(whole.length(), header().length() + 24L));
      if (!begin.startsWith(header())) {
        throw bad(file, "does not begin as the table of a sweep");
      }
      long start = Math.max(0, whole.length() - MOST_LINE);
      String tail = text(whole, start, whole.length() - start);
      int end = tail.lastIndexOf('\n') + 1;
      String last = tail.substring(tail.lastIndexOf('\n', end - 2) + 1, end);
      whole.setLength(start + tail.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
      if (last.equals(header())) {
        return from;
      }
      long index = index(last);
      boolean isOurs =
          begin.startsWith(from + ",", header().length())
              && index >= from
              && index < sweep.size()
              && line(sweep.row(index, planner)).equals(last);
      if (!isOurs) {
        throw bad(file, "ends with " + last.strip());
      }
      return index + 1;
    }
  }

  private static String text(RandomAccessFile file, long start, long length) throws IOException {
    byte[] bytes = new byte[(int) length];
    file.seek(start);
    file.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String line(Row row) {
    StringBuilder line = new StringBuilder();
    append(row, line);
    return line.toString();
  }

  private static long index(String line) {
    int comma = line.indexOf(',');
    String number = comma < 0 ? "" : line.substring(0, comma);
    return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : -1;
  }

  private static PlanException bad(Path file, String what) {
    return new PlanException(
        "plan-bad-file",
        "the file cannot be gone on with: it is not of this sweep, beginning and version",
        file + " " + what,
        "what an earlier run of the same sweep wrote",
        "name another file, or remove this one");
  }
}
