package io.moineau.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The store in an H2 file. */
final class H2StoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  StoreOptions options() {
    return StoreOptions.inFolder(folder.resolve("a folder with ünusual % signs"));
  }
}
