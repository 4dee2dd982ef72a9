package io.moineau.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Tables as a later version would leave them. */
final class NewerSchema {
  private NewerSchema() {}

  static void pretend(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO moineau."flyway_schema_history" ("installed_rank", "version", "description",
            "type", "script", "checksum", "installed_by", "installed_on", "execution_time",
            "success")
          VALUES (99, '99', 'of the future', 'SQL', 'V99__of_the_future.sql', 1, 'test',
            CURRENT_TIMESTAMP, 1, TRUE)
          """);
    }
  }
}
