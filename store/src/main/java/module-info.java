/** Keys, usage and conversations, in H2 or PostgreSQL. */
module io.moineau.store {
  requires io.moineau.error;
  requires com.fasterxml.jackson.core;
  requires java.sql;
  requires java.naming;
  requires org.jdbi.v3.core;
  requires flyway.core;
  requires com.h2database;
  requires org.postgresql.jdbc;
  requires static org.jspecify;

  exports io.moineau.store;
}
