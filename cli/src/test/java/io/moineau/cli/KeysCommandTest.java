package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.store.AdminSocket;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** moineau keys, with and without a server that holds the store. */
final class KeysCommandTest {
  @TempDir Path folder;

  private String url() {
    return StoreOptions.inFolder(folder).url();
  }

  private CommandLineTest.Result keys(String... words) {
    List<String> args = new java.util.ArrayList<>(List.of("keys", "--store", url()));
    args.addAll(List.of(words));
    return CommandLineTest.run("", args.toArray(String[]::new));
  }

  @Test
  void add_printsTheSecretAlone() {
    CommandLineTest.Result made = keys("add", "office", "--tokens-per-day", "5000");
    assertThat(made.err()).contains("office").contains("5,000 tokens a day");
    assertThat(made.code()).isEqualTo(ExitCode.OK);
    assertThat(made.out()).matches("mo-[A-Za-z0-9_-]{43}\n");
    try (Store store = Store.open(StoreOptions.inFolder(folder))) {
      assertThat(store.keys().find(made.out().strip()).orElseThrow().tokensPerDay())
          .hasValue(5_000);
    }
    CommandLineTest.Result again = keys("add", "office");
    assertThat(again.code()).isEqualTo(ExitCode.ERROR);
    assertThat(again.out()).isEmpty();
    assertThat(again.err()).contains("office").contains("moineau keys revoke office");
  }

  @Test
  void addListRevoke_whileAServerHoldsTheStore_goThroughIt() {
    try (Store store = Store.open(StoreOptions.inFolder(folder));
        AdminSocket socket = AdminSocket.listen(store)) {
      assertThat(socket.path()).isPresent();
      CommandLineTest.Result made =
          keys(
              "add",
              "büro",
              "--model",
              "olmoe",
              "--model",
              "qwen3",
              "--requests-per-minute",
              "30",
              "--expires",
              "2071-01-31");
      assertThat(made.err()).contains("30 requests a minute, olmoe and qwen3, until 2071-02-01");
      assertThat(made.out()).matches("mo-[A-Za-z0-9_-]{43}\n");
      String id = store.keys().find(made.out().strip()).orElseThrow().id();
      store.usage().add(id, LocalDate.now(ZoneOffset.UTC), 1_000, 234, 2);

      CommandLineTest.Result listed = keys("list");
      assertThat(listed.out())
          .contains(id)
          .contains("büro")
          .contains("1,234")
          .contains("olmoe,qwen3");
      assertThat(listed.out()).doesNotContain(made.out().strip());
      assertThat(keys("list", "--json").out())
          .contains("\"prompt_tokens\" : 1000")
          .contains("\"models\" : [ \"olmoe\", \"qwen3\" ]");

      CommandLineTest.Result revoked = keys("revoke", "büro");
      assertThat(revoked.out()).isEqualTo("revoked " + id + ", büro\n");
      assertThat(store.keys().find(made.out().strip())).isEmpty();
      CommandLineTest.Result unknown = keys("revoke", "nobody");
      assertThat(unknown.code()).isEqualTo(ExitCode.ERROR);
      assertThat(unknown.err()).contains("there is no such key: nobody").contains("keys list");
    }
    assertThat(keys("list").out()).contains("revoked 20");
  }

  @Test
  void wrongUsage_isSaid() {
    assertThat(keys().err()).contains("add, list or revoke");
    assertThat(keys("drop").err()).contains("keys cannot drop");
    assertThat(keys("add").err()).contains("add needs the name of one key");
    assertThat(keys("list", "x").err()).contains("list takes no name");
    assertThat(keys("revoke", "x", "--model", "m").err()).contains("limits are given to add");
    assertThat(keys("add", "x", "--expires", "soon").err()).contains("--expires is soon");
    assertThat(keys("add", "x", "--expires", "2020-01-01").err()).contains("which is past");
    assertThat(keys("add", "x", "--tokens-per-day", "0").err()).contains("1 or more");
    assertThat(CommandLineTest.run("", "keys", "list", "--store", "mysql://u:secret@h/d").err())
        .contains("mysql://h/d")
        .contains("jdbc:h2:file:PATH")
        .doesNotContain("secret");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void store_isTheOptionElseTheVariableElseTheDataFolder() {
    StoreArguments arguments = new StoreArguments();
    assertThat(arguments.options(Map.of("MOINEAU_STORE", "postgresql://me:p%40ss@host/db")))
        .isEqualTo(new StoreOptions("jdbc:postgresql://host/db", "me", "p@ss", false));
  }
}
