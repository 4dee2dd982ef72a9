package io.moineau.bench.peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.moineau.bench.peers.Comparison.Figure;
import io.moineau.bench.peers.Comparison.Ratio;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/** A comparison as JSON: every sample, so that others can make their own medians. */
final class ComparisonJson {
  private ComparisonJson() {}

  static String of(Comparison comparison, MachineFacts machine, Instant time) {
    StringWriter text = new StringWriter();
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    printer.indentArraysWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
    try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(printer)) {
      json.writeStartObject();
      json.writeStringField("time", time.toString());
      writeMachine(json, machine);
      json.writeArrayFieldStart("figures");
      for (Figure figure : comparison.figures()) {
        writeFigure(json, comparison, machine, figure);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("settings");
      for (Comparison.Setting setting : comparison.settings()) {
        json.writeStartObject();
        json.writeStringField("file", setting.model());
        json.writeStringField("program", setting.program());
        json.writeStringField("setting", setting.setting());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("not_measured");
      for (Comparison.Gap gap : comparison.gaps()) {
        json.writeStartObject();
        json.writeStringField("file", gap.model());
        json.writeStringField("program", gap.program());
        json.writeStringField("reason", gap.reason());
        json.writeBooleanField("failed", gap.failed());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append('\n').toString();
  }

  private static void writeMachine(JsonGenerator json, MachineFacts machine) throws IOException {
    json.writeObjectFieldStart("machine");
    json.writeStringField("cpu", machine.cpu());
    json.writeNumberField("processors", machine.processors());
    json.writeNumberField("memory_bytes", machine.memoryBytes());
    json.writeNumberField("threads", machine.threads());
    json.writeNumberField("rounds", machine.rounds());
    json.writeStringField("limited_to", machine.limit());
    json.writeNumberField("gb_per_s", machine.gigabytesPerSecond());
    json.writeNumberField("gop_per_s", machine.gigaoperationsPerSecond());
    json.writeEndObject();
  }

  private static void writeFigure(
      JsonGenerator json, Comparison comparison, MachineFacts machine, Figure figure)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("file", figure.model());
    json.writeStringField("work", figure.work());
    json.writeStringField("program", figure.program());
    json.writeStringField("unit", figure.unit().label());
    json.writeNumberField("median", figure.median());
    json.writeArrayFieldStart("samples");
    for (double sample : figure.samples()) {
      json.writeNumber(sample);
    }
    json.writeEndArray();
    json.writeNumberField("discarded", figure.discarded());
    json.writeNumberField("disturbed", figure.disturbed());
    OptionalDouble share = figure.share(machine);
    if (share.isPresent()) {
      json.writeNumberField("share_of_limit", share.getAsDouble());
      json.writeStringField("limit", figure.limit().label());
    }
    Optional<Figure> ours = comparison.ours(figure);
    if (ours.isPresent() && !ours.get().equals(figure)) {
      Ratio ratio = Ratio.of(ours.get(), figure);
      json.writeNumberField("moineau_ratio", ratio.ratio());
      json.writeNumberField("moineau_ratio_lowest", ratio.lowest());
      json.writeNumberField("moineau_ratio_highest", ratio.highest());
    }
    json.writeEndObject();
  }
}
