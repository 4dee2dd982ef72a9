package io.moineau.examples;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.struct;

import io.moineau.plan.capacity.Question;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.sweep.Sweep;
import io.moineau.plan.sweep.SweepReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Computes a sweep of the planner on Spark's workers, writes all rows as Parquet, and prints the
 * best of each chip: {@code examples/run spark [sweep.yaml [FOLDER]]}.
 *
 * <p>A worker needs the text of the sweep and numbers only: it makes the configurations itself.
 * Alone it runs on the threads of this machine; {@code spark-submit --master ...} runs it on a
 * cluster.
 */
public final class SparkSweep {
  /** Rows that a worker makes at a time. */
  private static final long PART = 4096;

  private static final String SMALL =
      """
      moineau-sweep: 1
      models: [deepseek-r1]
      chips: [H20, H200, MI300X]
      counts: [16]
      requests: [{input: 4096, output: 1024}]
      batches: {from: 1, to: 1024, factor: 2}
      ttft_seconds: 2
      tpot_seconds: 0.05
      """;

  private static final StructType COLUMNS =
      StructType.fromDDL(
          "index BIGINT, model STRING, chip STRING, count INT, input INT, output INT, cached DOUBLE,"
              + " weights STRING, kv STRING, layout STRING, batch DOUBLE, fits BOOLEAN,"
              + " meets BOOLEAN, memory_share DOUBLE, ttft_seconds DOUBLE, tpot_seconds DOUBLE,"
              + " tokens_per_second DOUBLE, tokens_per_second_per_chip DOUBLE, bound STRING,"
              + " watts DOUBLE, usd_per_million_tokens DOUBLE");

  /** Sweeps that this JVM has read: a worker computes many parts of one. */
  private static final Map<String, Sweep> READ = new ConcurrentHashMap<>();

  private SparkSweep() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    String text = args.length > 0 ? Files.readString(Path.of(args[0])) : SMALL;
    Path folder = args.length > 1 ? Path.of(args[1]) : Files.createTempDirectory("sweep-");
    try (SparkSession spark = session()) {
      String parquet = folder.resolve("rows.parquet").toUri().toString();
      rows(spark, text).write().parquet(parquet);
      Dataset<Row> rows = spark.read().parquet(parquet);
      System.out.println(rows.count() + " rows in " + parquet);
      best(rows).show(100, false);
    }
  }

  /** Of a cluster, if this was started by {@code spark-submit}; else of the threads of this JVM. */
  static SparkSession session() {
    SparkConf conf = new SparkConf().setAppName("moineau-sweep");
    if (!conf.contains("spark.master")) {
      conf.setMaster("local[*]")
          .set("spark.driver.bindAddress", "127.0.0.1")
          .set("spark.driver.host", "127.0.0.1")
          .set("spark.ui.enabled", "false")
          .set("spark.sql.shuffle.partitions", "2");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  private static Sweep sweep(String text) {
    return READ.computeIfAbsent(
        text, read -> SweepReader.parse(read, "sweep.yaml", Catalogue.standard()));
  }

  /** All rows of a sweep; they are computed where and when they are asked for. */
  static Dataset<Row> rows(SparkSession spark, String text) {
    long size = sweep(text).size();
    long parts = Math.ceilDiv(size, PART);
    return spark
        .range(0, parts)
        .flatMap((FlatMapFunction<Long, Row>) part -> part(text, part), Encoders.row(COLUMNS));
  }

  private static Iterator<Row> part(String text, long part) {
    Sweep sweep = sweep(text);
    List<Row> rows = new ArrayList<>();
    sweep.forEach(
        part * PART,
        Math.min(sweep.size(), (part + 1) * PART),
        sweep.planner(),
        row -> rows.add(columns(row)));
    return rows.isEmpty() ? Collections.emptyIterator() : rows.iterator();
  }

  private static Row columns(io.moineau.plan.sweep.Row row) {
    Question question = row.cell().question();
    var outcome = row.outcome();
    return RowFactory.create(
        row.index(),
        question.model().name(),
        question.device().name(),
        question.count(),
        question.workload().inputTokens(),
        question.workload().outputTokens(),
        question.workload().cachedShare(),
        question.weights().name(),
        question.kv().name(),
        row.layout().text(),
        row.batch(),
        outcome.fits(),
        outcome.meets(),
        outcome.memoryShare(),
        outcome.ttft(),
        outcome.tpot(),
        outcome.outputTokensPerSecond(),
        row.perChip(),
        outcome.bound().name(),
        outcome.watts(),
        outcome.usdPerMillionTokens());
  }

  /** The row of each chip that meets the limits with the most output of a chip, best chip first. */
  static Dataset<Row> best(Dataset<Row> rows) {
    Column most = col("tokens_per_second_per_chip");
    return rows.filter(col("meets"))
        .groupBy("model", "input", "output", "cached", "chip")
        .agg(
            max_by(
                    struct(
                        col("count"),
                        col("weights"),
                        col("layout"),
                        col("batch").cast("int").alias("batch"),
                        round(col("ttft_seconds").multiply(1000)).alias("ttft_ms"),
                        round(col("tpot_seconds").multiply(1000), 1).alias("tpot_ms"),
                        round(most, 1).alias("per_chip")),
                    most)
                .alias("best"))
        .select("model", "input", "output", "chip", "best.*")
        .orderBy(col("model"), col("input"), col("output"), col("per_chip").desc());
  }
}
