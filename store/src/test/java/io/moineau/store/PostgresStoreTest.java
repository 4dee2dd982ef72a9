package io.moineau.store;

import org.junit.jupiter.api.BeforeEach;

/** The store in PostgreSQL. */
final class PostgresStoreTest extends StoreContract {
  private String database = "";

  @BeforeEach
  @Override
  void open() {
    if (database.isEmpty()) {
      database = Postgres.shared().newDatabase();
    }
    super.open();
  }

  @Override
  StoreOptions options() {
    return Postgres.shared().options(database);
  }
}
