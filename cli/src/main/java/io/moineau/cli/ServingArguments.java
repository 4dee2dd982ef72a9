package io.moineau.cli;

import io.moineau.ModelOptions;
import io.moineau.PrefixCacheOptions;
import io.moineau.ServingOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many are answered at once, how many wait, and what is kept of what was computed. */
final class ServingArguments {
  @Option(
      names = {"--parallel", "-np"},
      paramLabel = "N",
      defaultValue = "8",
      description = "Answers made at once (${DEFAULT-VALUE}); more requests wait.")
  private int parallel;

  @Option(
      names = "--max-waiting",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests that wait at most (${DEFAULT-VALUE}); one more is answered with 429.")
  private int maxWaiting;

  @Option(
      names = "--queue-timeout",
      paramLabel = "S",
      defaultValue = "0",
      description = "Seconds that a request waits at most; 0: for ever.")
  private int queueTimeout;

  @Option(
      names = "--kv-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Tokens of keys and values that all answers share, at least one context; 0: as memory"
              + " allows.")
  private int kvTokens;

  @Option(
      names = "--prefix-cache",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Keep beginnings that were computed, while there is room; on.")
  private boolean prefixCache;

  @Option(
      names = "--prefix-folder",
      paramLabel = "DIR",
      description =
          "Keep them in this folder too, across restarts; who can read it can read what was asked.")
  private @Nullable Path prefixFolder;

  @Option(
      names = "--prefix-folder-size",
      paramLabel = "GIB",
      defaultValue = "4",
      description = "Most GiB of files in it (${DEFAULT-VALUE}).")
  private int prefixFolderSize;

  int parallel() {
    return parallel;
  }

  /** Refuses values that cannot be. */
  void check(ServeCommand job) {
    job.between("--parallel", parallel, 1, 4096);
    job.between("--max-waiting", maxWaiting, 0, 1_000_000);
    job.between("--queue-timeout", queueTimeout, 0, 86_400);
    job.between("--kv-tokens", kvTokens, 0, Integer.MAX_VALUE);
    job.between("--prefix-folder-size", prefixFolderSize, 1, 65_536);
    if (prefixFolder != null && !prefixCache) {
      throw job.usage("--prefix-folder needs the prefix cache: leave out --no-prefix-cache");
    }
  }

  ModelOptions addTo(ModelOptions options) {
    PrefixCacheOptions cache =
        prefixCache ? PrefixCacheOptions.defaults() : PrefixCacheOptions.off();
    if (prefixFolder != null) {
      cache = cache.withFolder(prefixFolder, (long) prefixFolderSize << 30);
    }
    return options
        .withMaxSequences(parallel)
        .withServing(
            ServingOptions.defaults()
                .withKvTokens(kvTokens)
                .withMaxWaiting(maxWaiting)
                .withQueueTimeout(Duration.ofSeconds(queueTimeout))
                .withPrefixCache(cache));
  }
}
