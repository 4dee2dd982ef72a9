package io.moineau.cli;

import io.moineau.store.DataFolder;
import io.moineau.store.StoreOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where keys, usage and conversations are. */
final class StoreArguments {
  static final String VARIABLE = "MOINEAU_STORE";

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "Database of keys: jdbc:h2:file:PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
              + " (MOINEAU_STORE, else a file in MOINEAU_HOME or the user's data folder). A password"
              + " is better in MOINEAU_STORE: others see command lines.")
  private @Nullable String url;

  /** Where the store is, without looking whether it is there. */
  StoreOptions options() {
    return options(System.getenv());
  }

  StoreOptions options(Map<String, String> environment) {
    String named = url == null ? environment.getOrDefault(VARIABLE, "") : url;
    return named.isEmpty() ? StoreOptions.inFolder(DataFolder.ofUser()) : StoreOptions.ofUrl(named);
  }
}
