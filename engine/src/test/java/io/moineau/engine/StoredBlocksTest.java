package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.ServingOptions;
import io.moineau.Speculation;
import io.moineau.engine.prefix.PrefixStore;
import io.moineau.engine.sampling.SequenceBreakers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Beginnings that outlive an engine. */
@Timeout(60)
class StoredBlocksTest {
  private static final int VOCAB = 300;
  private static final int BLOCK = 4;

  @TempDir private Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private RememberingPass pass = new RememberingPass(VOCAB, 1, BLOCK);

  private static byte[] identity(int model) {
    byte[] identity = new byte[32];
    identity[0] = (byte) model;
    return identity;
  }

  private PrefixStore store(int model, long maxBytes) {
    return new PrefixStore(
        folder.resolve("cache"),
        maxBytes,
        identity(model),
        BLOCK,
        RememberingPass.BLOCK_BYTES,
        notes::add);
  }

  private Engine engine(int model, int numBlocks, long maxBytes) {
    pass = new RememberingPass(VOCAB, numBlocks, BLOCK);
    Engine engine =
        new Engine(
            pass,
            new EngineLimits(64, BLOCK, numBlocks, 16, 4),
            new int[] {VOCAB - 1},
            Speculation.NONE,
            ServingOptions.defaults(),
            store(model, maxBytes));
    engine.start();
    return engine;
  }

  private static int[] prompt(long seed, int length) {
    return new Random(seed).ints(length, 0, VOCAB - 1).toArray();
  }

  private record Result(List<Integer> tokens, int cached) {}

  private static Result generate(Engine engine, int[] prompt) throws Exception {
    CollectingSink sink = new CollectingSink();
    Sampling greedy = Sampling.greedy().withMaxTokens(5).withIgnoreEos(true);
    Sequence sequence =
        engine.submit(GenerationRequest.of(prompt, greedy), 1, SequenceBreakers.none(), sink);
    assertThat(sink.over.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(sink.error).isNull();
    return new Result(sink.tokens, sequence.cachedTokens());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".kv")).toList();
    }
  }

  @Test
  void submit_afterRestart_readsWhatWasComputedBefore() throws Exception {
    int[] prompt = prompt(1, 41);
    Result first;
    try (Engine engine = engine(1, 32, 1 << 20)) {
      first = generate(engine, prompt);
    }
    assertThat(files()).hasSize(11); // 41 + 5 - 1 tokens: the last was never computed
    try (Engine engine = engine(1, 32, 1 << 20)) {
      Result again = generate(engine, prompt);
      assertThat(again.tokens()).isEqualTo(first.tokens());
      assertThat(again.cached()).isEqualTo(40);
      assertThat(pass.numTokens).isEqualTo(1 + 4);
    }
    // Another model's blocks are not found, and stay.
    try (Engine engine = engine(2, 32, 1 << 20)) {
      assertThat(generate(engine, prompt).cached()).isZero();
    }
    try (Engine engine = engine(1, 32, 1 << 20)) {
      assertThat(generate(engine, prompt).cached()).isEqualTo(40);
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void submit_damagedFiles_areRemovedAndComputedAgain() throws Exception {
    int[] prompt = prompt(2, 41);
    Result first;
    try (Engine engine = engine(1, 32, 1 << 20)) {
      first = generate(engine, prompt);
    }
    Random random = new Random(3);
    List<Path> files = files();
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      switch (random.nextInt(3)) {
        case 0 -> bytes[random.nextInt(bytes.length)] ^= 4;
        case 1 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
        default -> bytes = Files.readAllBytes(files.get(random.nextInt(files.size())));
      }
      Files.write(file, bytes);
    }
    Files.write(files.getFirst().resolveSibling("0.kv.part"), new byte[7]);
    try (Engine engine = engine(1, 32, 1 << 20)) {
      assertThat(Files.exists(files.getFirst().resolveSibling("0.kv.part"))).isFalse();
      assertThat(generate(engine, prompt).tokens()).isEqualTo(first.tokens());
    }
    assertThat(notes).hasSize(1);
    try (Engine engine = engine(1, 32, 1 << 20)) {
      Result again = generate(engine, prompt);
      assertThat(again.tokens()).isEqualTo(first.tokens());
      assertThat(again.cached()).isPositive();
    }
  }

  @Test
  void write_moreThanTheBudget_removesWhatWasUsedLongestAgo() throws Exception {
    long fileBytes;
    try (Engine engine = engine(1, 32, 1 << 20)) {
      generate(engine, prompt(4, 5));
      fileBytes = 0;
    }
    fileBytes = Files.size(files().getFirst());
    try (Engine engine = engine(1, 32, 12 * fileBytes)) {
      for (int i = 0; i < 6; i++) {
        generate(engine, prompt(5 + i, 20));
      }
    }
    assertThat(files()).hasSizeBetween(8, 12);
    try (Engine engine = engine(1, 32, 12 * fileBytes)) {
      assertThat(generate(engine, prompt(10, 20)).cached()).isEqualTo(16);
      assertThat(generate(engine, prompt(5, 20)).cached()).isZero();
    }
  }

  @Test
  void submit_fewBlocksManyPrompts_neverChangesTheTokens() throws Exception {
    List<List<Integer>> expected = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      try (Engine engine = engine(1, 20, 1 << 20)) {
        for (int i = 0; i < 12; i++) {
          // Three families of prompts that share their beginnings.
          int[] prompt = prompt(20 + i % 3, 50);
          int[] tail = prompt(100 + i, 20);
          System.arraycopy(tail, 0, prompt, 30, 20);
          Result result = generate(engine, prompt);
          if (round == 0) {
            expected.add(result.tokens());
          }
          assertThat(result.tokens()).as("round %d prompt %d", round, i).isEqualTo(expected.get(i));
        }
        int free = engine.call(() -> engine.blocks().numFree());
        assertThat(free).isEqualTo(20);
      }
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void open_folderInUseOrForeign_isRefused() throws Exception {
    try (Engine engine = engine(1, 20, 1 << 20)) {
      assertThat(engine.stats().requests()).isZero();
      assertThatThrownBy(() -> store(1, 1 << 20))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("another engine");
    }
    Files.writeString(folder.resolve("letter.txt"), "dear");
    assertThatThrownBy(() -> new PrefixStore(folder, 1 << 20, identity(1), BLOCK, 16, notes::add))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("something else");
    assertThat(folder.resolve("letter.txt")).exists();
  }
}
