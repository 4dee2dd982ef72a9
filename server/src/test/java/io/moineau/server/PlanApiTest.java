package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Exchange;
import io.moineau.server.api.Field;
import io.moineau.server.api.ScriptedService;
import io.moineau.server.plan.PlanData;
import io.moineau.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chips and rules as programs ask the server for them. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlanApiTest {
  private static final String OWN =
      """
      moineau-catalogue: 1
      version: 2026-11-21
      sources:
        us: {title: "our own"}
      chips:
        - name: "Our Chip"
          vendor: "Us"
          country: FR
          kind: npu
          peak: {int8: 100}
          memory_gb: 8
          quality: C
          sources: [us]
      """;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(folder.resolve("own.yaml"), OWN);
    server = new TestServer(TestServer.options().withPlan(PlanData.withFolder(folder)), 1);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private record Answer(int status, Map<?, ?> json) {
    Object at(String path) {
      return Exchange.at(json, path);
    }

    String error() {
      return at("error.code") + ": " + at("error.message");
    }
  }

  private static Answer get(String path) throws Exception {
    return ask(HttpRequest.newBuilder(uri(path)));
  }

  private static Answer check(String body) throws Exception {
    return ask(
        HttpRequest.newBuilder(uri("rules/check"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static URI uri(String path) {
    return URI.create(server.server.uri() + "/moineau/plan/" + path);
  }

  private static Answer ask(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), (Map<?, ?>) Json.parse(response.body()));
  }

  private static List<String> names(Answer answer) {
    return ((List<?>) answer.at("chips"))
        .stream().map(chip -> (String) ((Map<?, ?>) chip).get("name")).toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Test
  void chips_areListed_filteredAndAsked() throws Exception {
    Answer all = get("chips");
    assertThat(names(all)).hasSizeGreaterThan(70).contains("H20 96GB", "Our Chip");
    assertThat(all.at("in_all")).isEqualTo((long) names(all).size());
    assertThat(names(get("chips?kind=consumer_gpu")))
        .isNotEmpty()
        .doesNotContain("H20 96GB")
        .isEqualTo(names(get("chips?kind=consumer%20gpu")));
    assertThat(names(get("chips?country=fr"))).isEqualTo(List.of("Our Chip"));
    assertThat(names(get("chips?q=ascend&kind=npu")))
        .contains("Ascend 910B1", "Atlas 300I Duo")
        .doesNotContain("H20 96GB");
    assertThat(get("chips/h20").at("tpp.value")).isEqualTo(2368L);
    assertThat(get("chips/" + encoded("MetaX C550 / C500 OAM")).at("vendor")).isEqualTo("MetaX");
    assertThat(get("chips/MLU590").at("tpp.value"))
        .as("a range without a best value")
        .isEqualTo("null");
  }

  @Test
  void chips_ofAFolder_tellNoPathOfTheHost() throws Exception {
    Answer own = get("chips/Our%20Chip");
    assertThat(own.at("origin")).isEqualTo("own.yaml");
    assertThat((String) get("chips?q=our").at("version")).endsWith(" + own.yaml");
    assertThat(get("chips").json().toString()).doesNotContain(folder.toString());
  }

  @Test
  void compare_keepsTheOrder() throws Exception {
    assertThat(names(get("compare?chip=910C&chip=H20&chip=h20")))
        .isEqualTo(List.of("Ascend 910C (package, 2 dies)", "H20 96GB"));
    assertThat(get("compare?chip=H20").status()).isEqualTo(400);
    Answer unknown = get("compare?chip=H20&chip=H2O");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.error()).contains("H2O").contains("nearest").contains("H20 96GB");
  }

  @Test
  void mistakes_haveFourParts() throws Exception {
    Answer unknown = get("chips/H2O");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.error())
        .isEqualTo(
            "plan_unknown_chip: the catalogue has no such chip: 'H2O'; allowed: nearest: H20 96GB,"
                + " H200 SXM, L20, Enflame T20 (CloudBlazer); see: moineau chips; add one of your"
                + " own with --catalogue DIR");
    assertThat(get("chips?kind=toaster").error()).contains("kind=toaster").contains("consumer gpu");
    assertThat(get("chips?country=XX").error()).contains("country=XX").contains("ISO 3166");
    assertThat(get("chips?contry=CN").error()).startsWith("unknown_parameter").contains("contry");
    assertThat(get("rules/nothing").status()).isEqualTo(404);
    assertThat(get("rules/diff?from=2025-01-01").error()).contains("a day is missing: to");
    assertThat(get("rules/diff?from=2025-02-30&to=2025-03-01").error())
        .contains("there is no such day")
        .contains("2025-02-30");
    assertThat(get("rules/diff?from=2025-03-02&to=2025-03-01").error())
        .contains("not after the first");
    assertThat(get("rules/timeline").error()).contains("which chip");
    assertThat(check("{\"chip\":\"H20\"}").error()).contains("where the chip goes");
    assertThat(check("{\"to\":\"CN\"}").error()).contains("which chip");
    assertThat(check("{\"chip\":\"H20\",\"to\":\"XX\"}").error()).contains("to=XX");
    assertThat(check("{\"chip\":\"H20\",\"to\":\"CN\",\"date\":\"1925-01-01\"}").error())
        .contains("a day far away");
    assertThat(check("{\"chip\":\"H20\",\"to\":\"CN\",\"porpose\":\"gaming\"}").error())
        .startsWith("unknown_parameter");
    assertThat(check("{\"tpp\":[1,2],\"to\":\"CN\"}").status()).isEqualTo(400);
  }

  @Test
  void check_answersAsTheModuleDoes() throws Exception {
    Answer answer =
        check(
            "{\"chip\":\"H20\",\"to\":\"cn\",\"end_user_hq\":\"CN\",\"date\":\"2025-08-01\","
                + "\"purpose\":\"datacentre\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.at("answers[0].verdict")).isEqualTo("no licence by these rules");
    assertThat(answer.at("answers[1].verdict")).isEqualTo("licence required");
    assertThat(answer.at("strictest")).isEqualTo("licence required");
    assertThat(answer.at("note")).isEqualTo(Assessment.DISCLAIMER);
    Facts facts =
        Facts.of(PlanData.standard().catalogue().get("H20"))
            .with("to", "CN")
            .with("end_user_hq", "CN")
            .with("purpose", "datacentre");
    String wanted =
        Json.write(
            PlanData.standard()
                .rules()
                .check(facts, io.moineau.plan.rules.Rules.date("2025-08-01"))
                .json());
    assertThat(Json.write(answer.json())).isEqualTo(Json.write(Json.parse(wanted)));
    Answer numbers =
        check(
            "{\"tpp\":\"4000..5000\",\"pd\":5.5,\"datacentre\":true,\"to\":\"SA\",\"us_item\":\"unknown\"}");
    assertThat(numbers.at("facts.us_item")).isEqualTo("unknown");
    assertThat(numbers.at("strictest")).isEqualTo("unknown");
  }

  @Test
  void check_afterTheLastVerifiedDay_isUnknown_andSaysWhatWas() throws Exception {
    Answer answer =
        check("{\"chip\":\"H200\",\"to\":\"CN\",\"end_user_hq\":\"CN\",\"date\":\"2099-01-01\"}");
    assertThat(answer.at("strictest")).isEqualTo("unknown");
    assertThat(answer.at("as_of_last_verified.by its numbers")).isEqualTo("licence required");
    Answer early = check("{\"chip\":\"B300\",\"to\":\"CN\",\"date\":\"2023-01-01\"}");
    assertThat((String) early.at("launched_later")).startsWith("202");
  }

  @Test
  void rules_areListed_explained_overTime() throws Exception {
    Answer all = get("rules?date=2025-05-01");
    assertThat(all.at("words.purpose[0]")).isEqualTo("datacentre");
    assertThat(((List<?>) all.at("rules")).size()).isGreaterThan(30);
    assertThat(all.json().toString()).contains("status=letter to one firm");
    Answer one = get("rules/us-2025-04-nvidia");
    assertThat(one.at("question")).isEqualTo("letters to firms");
    assertThat((String) one.at("when")).contains("dram_bw >= 4000");
    Answer timeline = get("rules/timeline?chip=H20&end_user_hq=CN");
    assertThat(timeline.at("facts.to")).isEqualTo("CN");
    assertThat((String) timeline.at("svg")).startsWith("<svg ").contains("H20 96GB → CN");
    assertThat(((List<?>) timeline.at("spans"))).hasSizeGreaterThan(3);
    assertThat((String) get("rules/timeline?chip=H20&language=fr").at("svg"))
        .contains("lettres à des sociétés", "licence exigée")
        .doesNotContain("letters to firms", "licence required");
    Answer diff = get("rules/diff?from=2023-11-16&to=2023-11-17&chip=A800");
    assertThat(diff.at("answers[0].after")).isEqualTo("presumption of denial");
    assertThat(diff.json().toString()).contains("us-2023-11-a1");
  }

  @Test
  void fieldsOfACase_areThoseOfTheRules() {
    for (Endpoint endpoint : Endpoints.all(new ScriptedService())) {
      List<Field> fields =
          switch (endpoint.path()) {
            case "/moineau/plan/rules/check" -> endpoint.fields();
            case "/moineau/plan/rules/timeline" -> endpoint.query();
            default -> List.of();
          };
      if (!fields.isEmpty()) {
        Set<String> names = fields.stream().map(Field::name).collect(Collectors.toSet());
        names.removeAll(List.of("date", "language"));
        assertThat(names).as(endpoint.path()).isEqualTo(Facts.meanings().keySet());
      }
    }
  }

  private static Answer post(String path, String body) throws Exception {
    return ask(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @Test
  void estimate_isThatOfThePlanner_withChartsAndMeasurements() throws Exception {
    Answer answer =
        post(
            "estimate",
            "{\"model\":\"deepseek-r1\",\"chip\":\"h20\",\"count\":16,\"input\":4096,"
                + "\"output\":1024,\"ttft\":2,\"tpot\":0.05,\"language\":\"fr\"}");
    assertThat(answer.status()).as(answer.error()).isEqualTo(200);
    Question question =
        Question.of(
                Models.get("deepseek-r1"),
                Device.of(PlanData.standard().catalogue().get("h20")),
                16)
            .workload(new Workload(4096, 1024))
            .limits(Limits.of(2, 0.05))
            .build();
    assertThat(Json.write(answer.at("best")))
        .isEqualTo(
            Json.write(
                Json.parse(Json.write(Planner.standard().plan(question).json().get("best")))));
    assertThat((String) answer.at("charts.roofline")).startsWith("<svg").contains("invite");
    assertThat((String) answer.at("charts.curve")).startsWith("<svg").contains("latence");
    assertThat((List<?>) answer.at("nearest")).isNotEmpty();
    assertThat(get("models").json().toString()).contains("DeepSeek").contains("q4_k_m");
  }

  @Test
  void estimate_mistakes_areNamed_andNoFileIsLookedAt() throws Exception {
    Path config = folder.resolve("config.json");
    Files.writeString(config, "{}");
    Answer file =
        post("estimate", "{\"model\":" + Json.write(config.toString()) + ",\"chip\":\"h20\"}");
    assertThat(file.status()).isEqualTo(404);
    assertThat(file.error()).startsWith("plan_unknown_model");
    assertThat(post("estimate", "{\"model\":\"deepseek-r1\",\"chip\":\"h2O0\"}").status())
        .isEqualTo(404);
    assertThat(post("estimate", "{\"model\":\"deepseek-r1\",\"chip\":\"h20\",\"count\":0}").error())
        .contains("count is 0")
        .contains("1 to 1000000");
    assertThat(
            post("estimate", "{\"model\":\"deepseek-r1\",\"chip\":\"h20\",\"weights\":\"fp9\"}")
                .status())
        .isEqualTo(400);
    Answer tight = post("estimate", "{\"model\":\"deepseek-r1\",\"chip\":\"h20\"}");
    assertThat(tight.at("best")).as("one chip is too small").isEqualTo("null");
    assertThat((List<?>) tight.at("reasons")).isNotEmpty();
  }

  @Test
  void audit_tellsShares_changes_andMistakesWithTheirLine() throws Exception {
    String fleet =
        """
        moineau-fleet: 1
        sites:
          - name: Lingang 1
            country: CN
            region: Shanghai
            owner: public
            chips:
              - {chip: H20, count: 400, price: 12000}
              - {chip: 910B2, count: 100, price: 11000}
        """;
    Answer answer = post("audit", Json.write(Map.of("fleet", fleet, "date", "2026-06-01")));
    assertThat(answer.status()).as(answer.error()).isEqualTo(200);
    assertThat(answer.at("sites[0].shares[0].low")).hasToString("0.2");
    assertThat(answer.at("sites[0].shares[0].more_than_half")).isEqualTo("false");
    assertThat(answer.json().toString()).contains("least_changes").contains("H20 96GB");
    assertThat((String) answer.at("sites[0].chart")).startsWith("<svg").contains("50");
    assertThat((String) answer.at("charts.chips")).startsWith("<svg").contains("H20 96GB");
    Answer mistake =
        post("audit", Json.write(Map.of("fleet", fleet.replace("count: 400", "count: many"))));
    assertThat(mistake.status()).isEqualTo(400);
    assertThat(mistake.error()).contains("fleet.yaml line 8");
    assertThat(post("audit", "{\"fleet\":\"\"}").status()).isEqualTo(400);
    assertThat(post("audit", "{\"fleet\":\"a: &a [*a]\"}").status()).isEqualTo(400);
  }

  /** What the page /chips shows is every figure that a chip may have. */
  @Test
  void figures_areAllOnThePage() throws IOException {
    String script;
    try (InputStream in =
        PlanData.class.getResourceAsStream("/io/moineau/server/web/js/plan/figure.js")) {
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Chip.Field field : Chip.Field.values()) {
      assertThat(script).contains("of: (chip) => chip." + field.key() + " }");
    }
    for (Precision precision : Precision.values()) {
      assertThat(script).contains('"' + precision.key() + '"');
    }
  }

  @Test
  void folder_withAMistake_isToldAtOnce(@TempDir Path bad) throws IOException {
    Files.writeString(bad.resolve("bad.yaml"), OWN.replace("country: FR", "country: XX"));
    assertThatThrownBy(() -> PlanData.withFolder(bad))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("bad.yaml")
        .hasMessageContaining("ISO 3166");
  }
}
