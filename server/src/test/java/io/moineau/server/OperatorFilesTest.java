package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.access.Admission;
import io.moineau.server.access.Caller;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.metrics.MetricsOptions;
import io.moineau.server.metrics.PromQl;
import io.moineau.server.metrics.PrometheusText;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Dashboard, rules and docs/metrics.md name nothing but what {@code /metrics} has. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OperatorFilesTest {
  private static final Path ROOT = Path.of(System.getProperty("moineau.root", ".."));

  /** Labels that Prometheus adds to each series it reads. */
  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  /** There from the first garbage collection on. */
  private static final Set<String> SELDOM = Set.of("jvm_gc_pause_seconds_sum");

  /** Lets all in as bob, who has spent half. */
  private static final class Budgets implements Gatekeeper {
    @Override
    public Caller identify(HttpRequest http) {
      return Caller.withKey("k1", "bob");
    }

    @Override
    public Admission admit(Caller caller, String modelId) {
      return end -> {};
    }

    @Override
    public Map<String, Double> budgetsSpent() {
      return Map.of("bob", 0.5);
    }
  }

  private static TestServer server;
  private static PrometheusText text;

  @BeforeAll
  static void load() {
    server =
        new TestServer(
            TestServer.options()
                .withGatekeeper(new Budgets())
                .withMetrics(MetricsOptions.defaults().withPerKey(true)));
    for (int i = 0; i < 3; i++) {
      assertThat(server.post("/v1/chat/completions", endless(8, "")).status()).isEqualTo(200);
    }
    TestServer.eventually(() -> server.log.size() >= 3);
    text = PrometheusText.parse(server.get("/metrics").body(), false);
  }

  @AfterAll
  static void close() {
    server.close();
  }

  private static void check(String where, String query, Set<String> recorded) {
    PromQl parsed = PromQl.parse(query);
    assertThat(parsed.selectors()).as(where).isNotEmpty();
    Set<String> known = new HashSet<>(OF_PROMETHEUS);
    known.add("le");
    for (PromQl.Selector selector : parsed.selectors()) {
      String metric = selector.metric();
      if (metric.equals("up") || recorded.contains(metric) || SELDOM.contains(metric)) {
        known.add("gc");
        continue;
      }
      assertThat(text.sampleNames()).as(where + ": " + query).contains(metric);
      Set<String> labels = text.labelsOf(metric);
      known.addAll(labels);
      Set<String> asked = new TreeSet<>(selector.labels());
      asked.removeAll(OF_PROMETHEUS);
      assertThat(labels).as(where + ": labels of " + metric).containsAll(asked);
    }
    assertThat(known).as(where + ": " + query).containsAll(parsed.grouped());
  }

  private static Map<?, ?> map(Object value) {
    assertThat(value).isInstanceOf(Map.class);
    return (Map<?, ?>) value;
  }

  private static List<?> list(Object value) {
    assertThat(value).isInstanceOf(List.class);
    return (List<?>) value;
  }

  /** What Grafana's own schema of a dashboard (version 39) demands of the parts used here. */
  @Test
  void dashboard_isOneThatGrafanaTakes() throws IOException {
    Map<?, ?> dashboard =
        map(Json.parse(Files.readString(ROOT.resolve("deploy/grafana/moineau.json"))));
    assertThat(dashboard.get("title")).isEqualTo("Moineau");
    assertThat((String) dashboard.get("uid")).matches("[a-zA-Z0-9_-]{1,40}");
    assertThat(((Number) dashboard.get("schemaVersion")).intValue()).isEqualTo(39);
    assertThat(dashboard.containsKey("id")).as("an id would overwrite a dashboard").isFalse();
    Set<String> variables = new HashSet<>();
    for (Object variable : list(map(dashboard.get("templating")).get("list"))) {
      variables.add((String) map(variable).get("name"));
    }
    assertThat(variables).containsExactlyInAnyOrder("datasource", "job", "instance");
    Set<Object> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    int queries = 0;
    for (Object each : list(dashboard.get("panels"))) {
      Map<?, ?> panel = map(each);
      String title = (String) panel.get("title");
      assertThat(title).isNotBlank();
      assertThat(ids.add(panel.get("id"))).as("the id of %s is there once", title).isTrue();
      assertThat((String) panel.get("type")).isIn("row", "timeseries", "stat", "heatmap");
      place(title, map(panel.get("gridPos")), cells);
      if (panel.get("type").equals("row")) {
        continue;
      }
      assertThat((String) panel.get("description")).as(title).isNotBlank();
      queries += targets(title, panel, variables);
    }
    assertThat(queries).isGreaterThan(50);
  }

  /** A panel lies within the 24 columns, and on no other. */
  private static void place(String title, Map<?, ?> grid, Set<String> cells) {
    int x = ((Number) grid.get("x")).intValue();
    int y = ((Number) grid.get("y")).intValue();
    int w = ((Number) grid.get("w")).intValue();
    int h = ((Number) grid.get("h")).intValue();
    assertThat(x + w).as(title).isBetween(1, 24);
    for (int column = x; column < x + w; column++) {
      for (int line = y; line < y + h; line++) {
        assertThat(cells.add(column + "/" + line)).as(title + " lies on another").isTrue();
      }
    }
  }

  private static int targets(String title, Map<?, ?> panel, Set<String> variables) {
    Set<Object> refs = new HashSet<>();
    for (Object each : list(panel.get("targets"))) {
      Map<?, ?> target = map(each);
      assertThat(refs.add(target.get("refId"))).as(title).isTrue();
      assertThat(map(target.get("datasource")).get("uid")).isEqualTo("${datasource}");
      String query = (String) target.get("expr");
      Matcher names = Pattern.compile("\\$(\\w+)").matcher(query);
      while (names.find()) {
        if (!names.group(1).equals("__rate_interval")) {
          assertThat(variables).as(title).contains(names.group(1));
        }
      }
      assertThat(query).as(title).contains("job=~\"$job\"").contains("instance=~\"$instance\"");
      check(title, query.replace("$__rate_interval", "5m"), Set.of());
    }
    return refs.size();
  }

  @Test
  void rules_areOnesThatPrometheusTakes() throws IOException {
    Object rules =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(ROOT.resolve("deploy/prometheus/moineau.rules.yml")));
    Set<String> recorded = new HashSet<>();
    Set<String> names = new HashSet<>();
    List<Map<?, ?>> all = new ArrayList<>();
    for (Object group : list(map(rules).get("groups"))) {
      assertThat(map(group).keySet().stream().map(Object::toString))
          .containsExactlyInAnyOrder("name", "rules");
      list(map(group).get("rules")).forEach(rule -> all.add(map(rule)));
    }
    for (Map<?, ?> rule : all) {
      if (rule.get("record") instanceof String record) {
        assertThat(record).matches("[a-z]+:[a-z_]+:[a-z0-9]+");
        recorded.add(record);
      } else {
        String alert = (String) rule.get("alert");
        assertThat(names.add(alert)).as(alert).isTrue();
        assertThat(alert).matches("Moineau[A-Za-z]+");
        assertThat((String) map(rule.get("labels")).get("severity"))
            .isIn("critical", "warning", "info");
        assertThat((String) map(rule.get("annotations")).get("summary")).isNotBlank();
        assertThat((String) map(rule.get("annotations")).get("description")).isNotBlank();
        if (rule.get("for") instanceof String wait) {
          assertThat(wait).matches("[0-9]+[smh]");
        }
      }
    }
    assertThat(names).hasSizeGreaterThan(8);
    for (Map<?, ?> rule : all) {
      String name =
          String.valueOf(rule.containsKey("alert") ? rule.get("alert") : rule.get("record"));
      check(name, (String) rule.get("expr"), recorded);
    }
  }

  @Test
  void document_namesEveryMetric_andNoOther() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/metrics.md"));
    Set<String> told = new TreeSet<>();
    Matcher rows = Pattern.compile("(?m)^\\| `(moineau_[a-z_]+)` \\| (\\w+) \\|").matcher(document);
    while (rows.find()) {
      String name = rows.group(1);
      assertThat(told.add(name)).as(name + " is told once").isTrue();
      assertThat(text.families()).as("docs/metrics.md").containsKey(name);
      assertThat(rows.group(2)).as(name).isEqualTo(text.families().get(name).type());
    }
    Set<String> there = new TreeSet<>(text.families().keySet());
    there.removeIf(name -> !name.startsWith("moineau_") || isMaximumOfAnother(name));
    assertThat(there).isEqualTo(told);
  }

  /** Micrometer tells the largest value of the last minutes beside each histogram. */
  private static boolean isMaximumOfAnother(String name) {
    return name.endsWith("_max")
        && text.families().containsKey(name.substring(0, name.length() - "_max".length()));
  }
}
