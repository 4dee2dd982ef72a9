package io.moineau.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is said when PostgreSQL cannot be had, and that the store works again when it is back. */
final class PostgresTroubleTest {
  private static StoreException refused(StoreOptions options, String code) {
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> Store.open(options).close());
    assertThat(e).as("opening is refused").isNotNull();
    assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
    assertThat(e.where()).contains(options.place());
    assertThat(e.action()).isNotEmpty();
    assertThat(e.getMessage()).doesNotContain(Postgres.PASSWORD).doesNotContain("p%40ss");
    return e;
  }

  @Test
  void open_nobodyListens_isUnreachable() {
    StoreOptions nobody = StoreOptions.ofUrl("postgresql://me:secret@127.0.0.1:1/moineau");
    StoreException e = refused(nobody, "store-unreachable");
    assertThat(e.isTransient()).isTrue();
    assertThat(e.getMessage()).doesNotContain("secret");
  }

  @Test
  void open_wrongPassword_isRefused() {
    StoreOptions options = Postgres.shared().options("postgres");
    StoreException e = refused(options.withLogin(Postgres.USER, "wrong"), "store-login-refused");
    assertThat(e.isTransient()).isFalse();
    assertThat(e.getMessage()).doesNotContain("wrong;");
  }

  @Test
  void open_noSuchDatabase_saysHowToMakeIt() {
    StoreException e = refused(Postgres.shared().options("nowhere"), "store-missing");
    assertThat(e.action()).contains("CREATE DATABASE");
  }

  @Test
  void open_noRightToMakeTables_isDenied() {
    Postgres postgres = Postgres.shared();
    String database = postgres.newDatabase();
    postgres.execute(database, "CREATE ROLE guest LOGIN PASSWORD 'guest'");
    refused(postgres.options(database).withLogin("guest", "guest"), "store-denied");
    postgres.execute(database, "CREATE SCHEMA moineau AUTHORIZATION guest");
    Store.open(postgres.options(database).withLogin("guest", "guest")).close();
  }

  @Test
  void open_tablesOfANewerVersion_areLeftAlone() throws SQLException {
    Postgres postgres = Postgres.shared();
    StoreOptions options = postgres.options(postgres.newDatabase());
    Store.open(options).close();
    try (Connection connection =
        DriverManager.getConnection(options.url(), options.user(), options.password())) {
      NewerSchema.pretend(connection);
    }
    assertThat(refused(options, "store-newer").where()).contains("99");
  }

  @Test
  void use_serverKilled_goesOnAndLosesNothing() throws InterruptedException {
    Postgres postgres = Postgres.shared();
    StoreOptions options = postgres.options(postgres.newDatabase());
    List<String> notices = new CopyOnWriteArrayList<>();
    long acknowledged = 0;
    long waiting = 0;
    try (Store store = Store.open(options, notices::add)) {
      String secret = store.keys().add(KeyRequest.named("office")).secret();
      assertThat(store.keys().find(secret)).isPresent();
      acknowledged += store.usage().add(Writer.KEY, Writer.DAY, 3, 2, 1) ? 1 : 0;
      assertThat(store.usage().day(Writer.KEY, Writer.DAY).requests()).isEqualTo(1);
      postgres.kill();
      try {
        for (int i = 0; i < 20; i++) {
          if (store.usage().add(Writer.KEY, Writer.DAY, 3, 2, 1)) {
            acknowledged++;
          } else {
            waiting++;
          }
        }
        assertThat(waiting).isPositive();
        assertThat(store.trouble().orElseThrow().code()).isEqualTo("store-unreachable");
        Thread.sleep(1_100); // the keys in memory are to be looked at again
        assertThat(store.keys().find(secret)).isPresent();
        assertThat(store.usage().day(Writer.KEY, Writer.DAY).requests()).isEqualTo(21);
        StoreException e =
            catchThrowableOfType(
                StoreException.class, () -> store.keys().add(KeyRequest.named("later")));
        assertThat(e.code()).isEqualTo("store-unreachable");
      } finally {
        postgres.startServer();
      }
      long end = System.nanoTime() + 60_000_000_000L;
      while (store.usage().pendingRequests() > 0 && System.nanoTime() < end) {
        Thread.sleep(50);
      }
      assertThat(store.usage().pendingRequests()).isZero();
      assertThat(store.keys().add(KeyRequest.named("later")).secret()).isNotEmpty();
      assertThat(store.trouble()).isEmpty();
    }
    assertThat(notices).hasSizeGreaterThanOrEqualTo(2).last().isEqualTo("the store works again");
    try (Store store = Store.open(options)) {
      // The first write after the kill may have been made although nobody heard of it.
      assertThat(store.usage().day(Writer.KEY, Writer.DAY).requests())
          .isBetween(acknowledged + waiting, acknowledged + waiting + 1);
      assertThat(store.keys().list()).hasSize(2);
    }
  }
}
