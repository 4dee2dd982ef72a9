package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.rules.Facts;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Request;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.server.plan.PlanData;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a case of the rules is told by: a chip, and what is to be done with it. */
final class CaseFields {
  private static final String TEXT = "string";
  private static final String FLAG = "boolean or string";
  private static final String NUMBER = "number or string";
  private static final String RANGE = "a number, or a range such as \"4000..5000\"";
  private static final String TRUTH = "true, false, or \"unknown\"";
  private static final String COUNTRY = " in two letters of ISO 3166";

  /** Names of countries, whose letters may be small. */
  private static final Set<String> COUNTRIES =
      Set.of("to", "from", "end_user_hq", "vendor_country");

  /** The fields, by the names that the rules' conditions have; a test holds that none lacks. */
  static final List<Field> ALL =
      List.of(
          supported("chip", TEXT, "a name of the catalogue; or leave it out and give its numbers"),
          supported("to", TEXT, "country that it goes to," + COUNTRY),
          supported("from", TEXT, "country that it is shipped from," + COUNTRY + "; US"),
          supported(
              "end_user_hq", TEXT, "seat of the end user, or of its ultimate parent," + COUNTRY),
          supported(
              "purpose",
              TEXT,
              "datacentre (taken if not given), supercomputer, military, research, gaming, other"),
          supported("seller", TEXT, "vendor (taken if not given), foundry, reseller"),
          supported("buyer", TEXT, "large internet firm, other"),
          supported(
              "listed_party",
              FLAG,
              "whether a party is on the Entity List or a like list; false, if not given"),
          supported("listed_share", NUMBER, "per cent of the end user that listed parties own; 0"),
          supported("owner", TEXT, "of the site: public, private"),
          supported("state_funded", FLAG, "whether the site has any money of the state"),
          supported("completion", NUMBER, "part of the site that is built, 0 to 1"),
          supported("region", TEXT, "name of the region of the site"),
          supported("us_item", FLAG, "whether United States export rules reach the item; " + TRUTH),
          supported("vendor", TEXT, "who sells it, if not as in the catalogue"),
          supported("vendor_country", TEXT, "country of the vendor," + COUNTRY),
          supported("kind", TEXT, "gpu, consumer gpu, npu, asic, cpu, storage, system"),
          supported("datacentre", FLAG, "whether it is designed or sold for data centres"),
          supported("tpp", NUMBER, "total processing performance; " + RANGE),
          supported("pd", NUMBER, "performance density"),
          supported("dram_bw", NUMBER, "bandwidth of its memory in GB/s"),
          supported("io_bw", NUMBER, "links to other chips, both directions, in GB/s"),
          supported("memory_gb", NUMBER, "memory in GB"),
          supported("mbd", NUMBER, "memory bandwidth density of a stack, GB/s per mm2"),
          supported("co_packaged", FLAG, "whether memory is packaged with a processor"));

  private CaseFields() {}

  /** These fields and some more; as texts only where they stand in a query. */
  static List<Field> with(boolean query, Field... more) {
    List<Field> fields = new ArrayList<>();
    for (Field field : ALL) {
      fields.add(query ? supported(field.name(), TEXT, field.note()) : field);
    }
    fields.addAll(List.of(more));
    return List.copyOf(fields);
  }

  /** The case that a body tells. */
  static Facts of(JsonObject body, PlanData data) {
    Facts facts = begin(body.string("chip", ""), data);
    for (Field field : ALL) {
      if (!field.name().equals("chip") && body.has(field.name())) {
        facts = with(facts, field.name(), text(body.get(field.name())));
      }
    }
    return complete(facts);
  }

  /** The case that a query tells; {@code to} and the seat of the user are China where unsaid. */
  static Facts of(Request request, PlanData data) {
    Facts facts = begin(request.query("chip").orElse(""), data);
    if (request.query("to").isEmpty()) {
      facts = facts.with("to", "CN");
    }
    for (Field field : ALL) {
      String value = request.query(field.name()).orElse("").strip();
      if (!field.name().equals("chip") && !value.isEmpty()) {
        facts = with(facts, field.name(), value);
      }
    }
    return complete(facts);
  }

  private static Facts begin(String chip, PlanData data) {
    return chip.isBlank()
        ? Facts.none().with("chip", "a chip by its numbers")
        : Facts.of(data.catalogue().get(chip));
  }

  private static Facts with(Facts facts, String name, String value) {
    return facts.with(name, COUNTRIES.contains(name) ? value.toUpperCase(Locale.ROOT) : value);
  }

  private static Facts complete(Facts facts) {
    if (facts.text("to").isEmpty()) {
      throw missing("to", "it is not said where the chip goes", "a country in two letters: CN");
    }
    if (facts.text("vendor").isEmpty() && !facts.json().containsKey("tpp")) {
      throw missing("chip", "it is not said which chip", "a name of the catalogue, or tpp");
    }
    return facts;
  }

  private static ApiException missing(String field, String what, String allowed) {
    return new ApiException(400, "missing_field", field, 0, what, field, allowed, "add it");
  }

  /** A value as the rules read it. */
  private static String text(JsonValue value) {
    Object plain = value.value();
    if (plain instanceof String text) {
      return text.strip();
    }
    if (plain instanceof Boolean || plain instanceof Long) {
      return plain.toString();
    }
    if (plain instanceof Double number && Double.isFinite(number)) {
      return new java.math.BigDecimal(number.toString()).toPlainString();
    }
    throw value.wrongType("a text, a number, true or false");
  }
}
