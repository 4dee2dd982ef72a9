package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.store.ApiKey;
import io.moineau.store.DayUsage;
import io.moineau.store.KeyAdmin;
import io.moineau.store.KeyRequest;
import io.moineau.store.KeyUse;
import io.moineau.store.NewKey;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys for the server. */
@Command(
    name = "keys",
    header = "Make, list and revoke the keys that moineau serve asks for.",
    description = {
      "",
      "add NAME prints a new key to standard output, this once: only its hash is kept. revoke stops one",
      "at once, for good. A running server need not be stopped for either.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau keys add office",
      "  KEY=$(moineau keys add ci --tokens-per-day 200000 --expires 2027-06-30)",
      "  moineau keys list",
      "  moineau keys revoke office"
    })
final class KeysCommand extends Job {
  @Parameters(
      paramLabel = "add NAME | list | revoke ID|NAME",
      arity = "0..2",
      description = "What to do, and with which key.")
  private List<String> words = List.of();

  @Option(
      names = "--tokens-per-day",
      paramLabel = "N",
      description = "add: tokens of prompts and answers from midnight to midnight in UTC, at most.")
  private @Nullable Long tokensPerDay;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "add: requests in a minute, at most.")
  private @Nullable Integer requestsPerMinute;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "add: a model that the key may use; several times for several; else all.")
  private List<String> models = List.of();

  @Option(
      names = "--expires",
      paramLabel = "DATE",
      description =
          "add: the last day in UTC on which the key works (2027-06-30), or a time"
              + " (2027-06-30T12:00:00Z).")
  private @Nullable String expires;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin private StoreArguments store = new StoreArguments();

  KeysCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    String verb = words.isEmpty() ? "" : words.getFirst();
    boolean named = verb.equals("add") || verb.equals("revoke");
    if (!named && !verb.equals("list")) {
      throw usage(verb.isEmpty() ? "say what to do: add, list or revoke" : "keys cannot " + verb);
    }
    if (words.size() != (named ? 2 : 1)) {
      throw usage(verb.equals("list") ? "list takes no name" : verb + " needs the name of one key");
    }
    boolean limited =
        tokensPerDay != null || requestsPerMinute != null || !models.isEmpty() || expires != null;
    if (limited && !verb.equals("add")) {
      throw usage("limits are given to add: a key that is there keeps those that it has");
    }
    Optional<KeyRequest> request =
        verb.equals("add") ? Optional.of(request(words.get(1))) : Optional.empty();
    try (KeyAdmin keys = KeyAdmin.open(store.options())) {
      switch (verb) {
        case "add" -> add(keys, request.orElseThrow());
        case "list" -> list(keys.list());
        default -> revoked(keys.revoke(words.get(1)));
      }
    }
    return ExitCode.OK;
  }

  private KeyRequest request(String name) {
    KeyRequest request = KeyRequest.named(name).withModels(models);
    if (tokensPerDay != null) {
      request = request.withTokensPerDay(tokensPerDay);
    }
    if (requestsPerMinute != null) {
      request = request.withRequestsPerMinute(requestsPerMinute);
    }
    if (expires != null) {
      Instant end = end(expires);
      if (!end.isAfter(Instant.now())) {
        throw usage("--expires is " + expires + ", which is past");
      }
      request = request.withExpires(end);
    }
    return request;
  }

  private Instant end(String text) {
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw usage(
          "--expires is "
              + text
              + ", but must be a day such as 2027-06-30 or a time such as"
              + " 2027-06-30T12:00:00Z");
    }
  }

  private void add(KeyAdmin keys, KeyRequest request) {
    NewKey made = keys.add(request);
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("secret", made.secret());
            write(out, made.key());
          });
      return;
    }
    remark("made " + made.key().id() + ", " + made.key().name() + ": " + limits(made.key()));
    remark("the key itself, which is shown this once:");
    print(made.secret());
  }

  private static String limits(ApiKey key) {
    StringBuilder text = new StringBuilder();
    text.append(
        key.tokensPerDay().isPresent()
            ? Figures.grouped(key.tokensPerDay().getAsLong()) + " tokens a day"
            : "any number of tokens");
    if (key.requestsPerMinute().isPresent()) {
      text.append(", ").append(key.requestsPerMinute().getAsInt()).append(" requests a minute");
    }
    if (!key.models().isEmpty()) {
      text.append(", ").append(String.join(" and ", key.models()));
    }
    text.append(key.expires().map(time -> ", until " + minute(time)).orElse(", no end"));
    return text.toString();
  }

  private void list(List<KeyUse> keys) {
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeArrayFieldStart("keys");
            for (KeyUse use : keys) {
              out.writeStartObject();
              write(out, use.key());
              write(out, use.today());
              out.writeEndObject();
            }
            out.writeEndArray();
          });
      return;
    }
    if (keys.isEmpty()) {
      remark("no keys yet: moineau keys add NAME makes one");
      return;
    }
    Instant now = Instant.now();
    TextTable table =
        new TextTable(
            "id", "name", "begins", ">tokens today", ">a day", ">requests/min", "models", "state");
    for (KeyUse use : keys) {
      ApiKey key = use.key();
      table.row(
          key.id(),
          key.name(),
          key.hint(),
          Figures.grouped(use.today().tokens()),
          key.tokensPerDay().isPresent() ? Figures.grouped(key.tokensPerDay().getAsLong()) : "any",
          key.requestsPerMinute().isPresent() ? key.requestsPerMinute().getAsInt() : "any",
          key.models().isEmpty() ? "all" : String.join(",", key.models()),
          state(key, now));
    }
    table.lines("").forEach(this::print);
  }

  private static String state(ApiKey key, Instant now) {
    if (key.revoked().isPresent()) {
      return "revoked " + minute(key.revoked().get());
    }
    return key.expires()
        .map(end -> (key.usableAt(now) ? "until " : "expired ") + minute(end))
        .orElse("works");
  }

  private static String minute(Instant time) {
    String text = time.truncatedTo(ChronoUnit.MINUTES).toString(); // 2027-06-30T12:00:00Z
    return text.substring(0, 16) + "Z";
  }

  private void revoked(ApiKey key) {
    if (json) {
      JsonOutput.print(streams().out(), out -> write(out, key));
    } else {
      print(SafeText.ofLine("revoked " + key.id() + ", " + key.name()));
    }
  }

  private static void write(JsonGenerator out, ApiKey key) throws IOException {
    out.writeStringField("id", key.id());
    out.writeStringField("name", key.name());
    out.writeStringField("hint", key.hint());
    if (key.tokensPerDay().isPresent()) {
      out.writeNumberField("tokens_per_day", key.tokensPerDay().getAsLong());
    }
    if (key.requestsPerMinute().isPresent()) {
      out.writeNumberField("requests_per_minute", key.requestsPerMinute().getAsInt());
    }
    out.writeArrayFieldStart("models");
    for (String model : key.models()) {
      out.writeString(model);
    }
    out.writeEndArray();
    out.writeStringField("created", key.created().toString());
    if (key.expires().isPresent()) {
      out.writeStringField("expires", key.expires().get().toString());
    }
    if (key.revoked().isPresent()) {
      out.writeStringField("revoked", key.revoked().get().toString());
    }
  }

  private static void write(JsonGenerator out, DayUsage today) throws IOException {
    out.writeObjectFieldStart("today");
    out.writeStringField("day", today.day().toString());
    out.writeNumberField("prompt_tokens", today.promptTokens());
    out.writeNumberField("completion_tokens", today.completionTokens());
    out.writeNumberField("requests", today.requests());
    out.writeEndObject();
  }
}
