package io.moineau.store;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The folder for data that Moineau keeps for its user. */
public final class DataFolder {
  private DataFolder() {}

  /** The folder in this process's environment; see {@link #of(Map, String, String)}. */
  public static Path ofUser() {
    return of(
        System.getenv(), System.getProperty("user.home", ""), System.getProperty("os.name", ""));
  }

  /**
   * The folder: {@code MOINEAU_HOME}, else {@code %LOCALAPPDATA%\moineau} on Windows and {@code
   * $XDG_DATA_HOME/moineau} or {@code ~/.local/share/moineau} elsewhere. It need not be there.
   *
   * @throws StoreException {@code store-no-folder} if none of these is set
   */
  static Path of(Map<String, String> environment, String home, String system) {
    String named = environment.getOrDefault("MOINEAU_HOME", "");
    if (!named.isEmpty()) {
      return Path.of(named).toAbsolutePath();
    }
    if (system.toLowerCase(Locale.ROOT).startsWith("windows")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      if (!local.isEmpty()) {
        return Path.of(local, "moineau");
      }
    }
    String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
    if (xdg.startsWith("/")) { // a relative one is to be ignored, says the specification
      return Path.of(xdg, "moineau");
    }
    // What the JVM says for a user without a home.
    if (home.isEmpty() || home.equals("?") || home.equals("/nonexistent")) {
      throw new StoreException(
          "store-no-folder",
          "no folder is known for the store",
          "this user has no home",
          "a folder that this user may write to",
          "set MOINEAU_HOME to one, or name a database with --store");
    }
    return Path.of(home, ".local", "share", "moineau");
  }
}
