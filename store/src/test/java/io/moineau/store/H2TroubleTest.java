package io.moineau.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said when an H2 store cannot be had, and that it works again afterwards. */
final class H2TroubleTest {
  @TempDir Path folder;

  private StoreOptions options() {
    return StoreOptions.inFolder(folder);
  }

  private Path file() {
    return folder.resolve("store.mv.db");
  }

  private static StoreException refused(StoreOptions options, String code) {
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> Store.open(options).close());
    assertThat(e).as("opening is refused").isNotNull();
    assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
    assertThat(e.what()).isNotEmpty();
    assertThat(e.where()).contains(options.place());
    assertThat(e.action()).isNotEmpty();
    return e;
  }

  private String makeStore() {
    try (Store store = Store.open(options())) {
      for (int i = 0; i < 50; i++) {
        store.usage().add("key" + i, Writer.DAY, i, i, 1);
      }
      return store.keys().add(KeyRequest.named("office")).secret();
    }
  }

  @Test
  void open_newFolder_isForItsOwnerAlone() throws IOException {
    Assumptions.assumeTrue(
        folder.getFileSystem().supportedFileAttributeViews().contains("posix"),
        "skipped: no POSIX permissions here");
    Path inner = folder.resolve("data/moineau");
    Store.open(StoreOptions.inFolder(inner)).close();
    assertThat(Files.getPosixFilePermissions(inner))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(inner.resolve("store.mv.db")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (var files = Files.list(inner)) {
      assertThat(files).containsExactly(inner.resolve("store.mv.db"));
    }
  }

  @Test
  void open_whileAnotherProcessHasIt_isLocked() throws IOException {
    Process child = Child.start(List.of(), Writer.class, options().url(), "sa", "", "holder");
    try {
      assertThat(child.inputReader().readLine()).isEqualTo("open");
      StoreException e = refused(options(), "store-locked");
      assertThat(e.isTransient()).isTrue();
      assertThat(e.allowed()).contains("one process at a time");
    } finally {
      child.toHandle().destroyForcibly();
    }
    child.onExit().join();
    Store.open(options()).close(); // a killed process leaves no lock
  }

  @Test
  void open_damaged_isSaidAndNothingChanged() throws IOException {
    makeStore();
    byte[] good = Files.readAllBytes(file());
    byte[] garbage = new byte[good.length];
    new java.util.Random(1).nextBytes(garbage);
    byte[] holes = good.clone();
    Arrays.fill(holes, 0, good.length - 64, (byte) 0);
    byte[] noData = good.clone();
    for (int i = 2 * 4096; i < noData.length; i++) {
      noData[i] ^= 0x55;
    }
    byte[] cut = Arrays.copyOf(good, 5_000);
    for (byte[] bytes : List.of(garbage, holes, noData, cut, "no database".getBytes())) {
      Files.write(file(), bytes);
      StoreException e = refused(options(), "store-damaged");
      assertThat(e.isTransient()).isFalse();
      assertThat(e.action()).contains("backup");
      assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
    }
    Files.write(file(), good);
    try (Store store = Store.open(options())) {
      assertThat(store.keys().list()).hasSize(1);
    }
  }

  @Test
  void open_tablesOfANewerVersion_areLeftAlone() throws SQLException {
    makeStore();
    try (Connection connection =
        DriverManager.getConnection(options().url() + ";DATABASE_TO_LOWER=TRUE", "sa", "")) {
      NewerSchema.pretend(connection);
    }
    StoreException e = refused(options(), "store-newer");
    assertThat(e.where()).contains("99");
    assertThat(e.action()).contains("newer moineau");
  }

  @Test
  void open_folderThatCannotBeMade_isDenied() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "no folder");
    refused(StoreOptions.inFolder(inTheWay), "store-denied");
  }

  @Test
  void open_fileOfAnotherPassword_isRefused() {
    StoreOptions mine = options().withLogin("sa", "mine");
    Store.open(mine).close();
    refused(options(), "store-login-refused");
    Store.open(mine).close();
  }

  @Test
  void open_fileWithoutTheTables_isDamaged() throws SQLException {
    DriverManager.getConnection(options().url(), "sa", "").close(); // a database, but not a store
    assertThat(file()).exists();
    assertThat(refused(options(), "store-damaged").where()).contains("none of the store's tables");
  }

  @Test
  void use_diskFull_goesOnAndLosesNothing() throws Exception {
    List<String> mount = mountingPrefix();
    Assumptions.assumeTrue(!mount.isEmpty(), "skipped: this user can mount no small disk");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    List<String> prefix = new ArrayList<>(mount);
    prefix.addAll(
        List.of("sh", "-c", "mount -t tmpfs -o size=3m none \"$0\" && exec \"$@\"", disk + ""));
    Process child = Child.start(prefix, FullDisk.class, disk.toString());
    List<String> said = child.inputReader().lines().toList();
    assertThat(child.onExit().join().exitValue()).as("%s", said).isZero();
    assertThat(said).as("%s", said).contains("before true 1", "full store-full true", "known true");
    assertThat(said)
        .contains("counted 41", "add store-full", "pending 0", "add done", "sum 41 of 41")
        .contains("notices 2 the store works again", "key true 2")
        .anyMatch(line -> line.contains("free some space"));
  }

  private static List<String> mountingPrefix() throws Exception {
    for (List<String> prefix : List.of(List.of("unshare", "-m"), List.of("unshare", "-Urm"))) {
      List<String> command = new ArrayList<>(prefix);
      command.addAll(List.of("sh", "-c", "mount -t tmpfs -o size=3m none /mnt"));
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        if (process.waitFor() == 0) {
          return prefix;
        }
      } catch (IOException e) {
        return List.of(); // no such command on this system
      }
    }
    return List.of();
  }

  @Test
  void dataFolder_isNamedElseTheUsers() {
    assertThat(DataFolder.of(Map.of("MOINEAU_HOME", "/srv/m"), "/home/a", "Linux"))
        .isEqualTo(Path.of("/srv/m").toAbsolutePath());
    assertThat(DataFolder.of(Map.of("XDG_DATA_HOME", "/x"), "/home/a", "Linux"))
        .isEqualTo(Path.of("/x/moineau"));
    assertThat(DataFolder.of(Map.of("XDG_DATA_HOME", "x"), "/home/a", "Linux"))
        .isEqualTo(Path.of("/home/a/.local/share/moineau"));
    assertThat(DataFolder.of(Map.of("LOCALAPPDATA", "/local"), "/home/a", "Windows 11"))
        .isEqualTo(Path.of("/local/moineau"));
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> DataFolder.of(Map.of(), "?", "Linux"));
    assertThat(e.code()).isEqualTo("store-no-folder");
    assertThat(e.action()).contains("MOINEAU_HOME");
  }

  @Test
  void options_hidePasswords() {
    StoreOptions options =
        StoreOptions.ofUrl("postgresql://me:s3cret@host:5433/db?sslmode=require");
    assertThat(options.url()).isEqualTo("jdbc:postgresql://host:5433/db?sslmode=require");
    assertThat(options.user()).isEqualTo("me");
    assertThat(options.password()).isEqualTo("s3cret");
    assertThat(options.toString()).doesNotContain("s3cret").contains("host:5433/db");
    assertThat(StoreOptions.ofUrl("jdbc:postgresql://host/db?user=a&password=s3cret").place())
        .isEqualTo("jdbc:postgresql://host/db");
    for (String bad :
        List.of(
            "", "store.db", "jdbc:mysql://x", "jdbc:h2:tcp://h/x", "jdbc:h2:", "jdbc:h2:zip:x")) {
      StoreException e = catchThrowableOfType(StoreException.class, () -> StoreOptions.ofUrl(bad));
      assertThat(e.code()).as(bad).isEqualTo("store-url-bad");
    }
  }
}
