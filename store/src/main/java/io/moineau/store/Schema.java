package io.moineau.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * The tables, brought to this version by Flyway.
 *
 * <p>The migrations are listed here and not searched for: searching a class path costs time, and
 * does not work alike in a folder, in a jar and in a module.
 */
final class Schema {
  static final String NAME = "moineau";
  static final String FOLDER = "migration/";

  /** In their order; a published one is never changed. */
  static final List<String> MIGRATIONS = List.of("V1__keys_usage_conversations.sql");

  private Schema() {}

  /**
   * Makes or raises the tables.
   *
   * @param there whether there must be tables, as the file was not made just now
   * @throws StoreException {@code store-damaged} if there must be tables and there are none
   * @throws StoreException {@code store-newer} if they are of a newer version than this one knows
   */
  static void migrate(DataSource source, Failures failures, boolean there) {
    Flyway flyway =
        Flyway.configure(Schema.class.getClassLoader())
            .loggers("slf4j")
            .dataSource(source)
            .schemas(NAME)
            .createSchemas(true)
            .cleanDisabled(true)
            .resourceProvider(new Listed())
            .javaMigrationClassProvider(List::of)
            .load();
    MigrationInfo current = flyway.info().current();
    if (current == null && there) {
      // H2 goes back to the last state that it can read, which may be one before there was any.
      throw failures.damaged("none of the store's tables is left in it");
    }
    int known = MIGRATIONS.size();
    if (current != null && current.getVersion() != null) {
      String version = current.getVersion().getVersion();
      if (current.getVersion().getMajor().longValueExact() > known) {
        throw failures.newer("its tables have version " + version + ", known are 1 to " + known);
      }
    }
    flyway.migrate();
  }

  /** The migrations of {@link #MIGRATIONS}, for Flyway. */
  private static final class Listed implements ResourceProvider {
    @Override
    @SuppressWarnings("NullAway") // Flyway's way to say that there is none
    public LoadableResource getResource(String name) {
      return MIGRATIONS.contains(name) ? new Migration(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
      return MIGRATIONS.stream()
          .filter(name -> name.startsWith(prefix))
          .filter(name -> List.of(suffixes).stream().anyMatch(name::endsWith))
          .<LoadableResource>map(Migration::new)
          .toList();
    }
  }

  private static final class Migration extends LoadableResource {
    private final String name;

    Migration(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      try (InputStream in = Schema.class.getResourceAsStream(FOLDER + name)) {
        if (in == null) {
          throw new IllegalStateException("a migration is not in the jar: " + name);
        }
        return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String getAbsolutePath() {
      return name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return name;
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
