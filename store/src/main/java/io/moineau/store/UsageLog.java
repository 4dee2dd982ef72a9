package io.moineau.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * What each key used on each day in UTC.
 *
 * <p>What cannot be written for the moment is held in memory, counts in what {@link #day} says, and
 * is written when the database is back. A process that is killed meanwhile loses it; so {@link
 * #add} says which of the two happened.
 */
public final class UsageLog {
  /** Sums of a key and day that may wait for the database: more than any team has. */
  private static final int PENDING_LIMIT = 10_000;

  private static final int KNOWN_LIMIT = 10_000;
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final String CONFLICT = "usage-conflict";
  private static final int TRIES = 5;

  private record Place(String keyId, LocalDate day) {}

  private final Database database;
  private final Consumer<String> notices;
  // Guarded by itself, with the three below.
  private final Map<Place, DayUsage> pending = new LinkedHashMap<>();
  private @Nullable Thread writer;
  private long lost;
  private boolean closed;
  // What the database said last, for the time when it is away; guarded by itself.
  private final Map<Place, DayUsage> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, DayUsage> eldest) {
          return size() > KNOWN_LIMIT;
        }
      };

  UsageLog(Database database, Consumer<String> notices) {
    this.database = database;
    this.notices = notices;
  }

  /**
   * Adds to what a key used.
   *
   * @param keyId the key's id
   * @param utcDay the day in UTC
   * @return true if it is written, so that no end of the process loses it; false if it waits in
   *     memory for the database
   */
  public boolean add(
      String keyId, LocalDate utcDay, long promptTokens, long completionTokens, long requests) {
    Place place = new Place(keyId, utcDay);
    DayUsage more = new DayUsage(utcDay, promptTokens, completionTokens, requests);
    try {
      write(place, more);
      return true;
    } catch (StoreException e) {
      keep(place, more);
      return false;
    }
  }

  private void write(Place place, DayUsage more) {
    for (int attempt = 1; ; attempt++) {
      try {
        database.write(handle -> addIn(handle, place, more));
        break;
      } catch (StoreException e) {
        if (!e.code().equals(CONFLICT) || attempt == TRIES) {
          throw e;
        }
      }
    }
    synchronized (known) {
      known.computeIfPresent(place, (p, before) -> before.plus(more));
    }
  }

  private static int addIn(Handle handle, Place place, DayUsage more) {
    int rows =
        bound(
            handle,
            """
            UPDATE moineau.day_usage SET prompt_tokens = prompt_tokens + :prompt,
              completion_tokens = completion_tokens + :completion, requests = requests + :requests
            WHERE key_id = :key AND utc_day = :day
            """,
            place,
            more);
    if (rows > 0) {
      return rows;
    }
    try {
      return bound(
          handle,
          """
          INSERT INTO moineau.day_usage (key_id, utc_day, prompt_tokens, completion_tokens, requests)
          VALUES (:key, :day, :prompt, :completion, :requests)
          """,
          place,
          more);
    } catch (JdbiException e) {
      if (Failures.isDuplicate(e)) {
        // Another process made the row meanwhile: the next attempt adds to it.
        throw new StoreException(CONFLICT, "the day's first usage came twice", "", "", "");
      }
      throw e;
    }
  }

  private static int bound(Handle handle, String statement, Place place, DayUsage more) {
    return handle
        .createUpdate(statement)
        .bind("key", place.keyId())
        .bind("day", place.day())
        .bind("prompt", more.promptTokens())
        .bind("completion", more.completionTokens())
        .bind("requests", more.requests())
        .execute();
  }

  private void keep(Place place, DayUsage more) {
    synchronized (pending) {
      if (closed) {
        notices.accept("usage of " + more.requests() + " requests is lost: the store is closed");
        return;
      }
      if (!pending.containsKey(place) && pending.size() >= PENDING_LIMIT) {
        if (lost == 0) {
          notices.accept("usage is lost: too much of it waits for the store");
        }
        lost += more.requests();
        return;
      }
      pending.merge(place, more, DayUsage::plus);
      if (writer == null) {
        writer = Thread.ofPlatform().daemon().name("moineau-usage").start(this::writePending);
      }
    }
  }

  private void writePending() {
    while (true) {
      try {
        Thread.sleep(RETRY);
      } catch (InterruptedException e) {
        synchronized (pending) {
          writer = null;
        }
        return;
      }
      boolean all = flush() == null;
      synchronized (pending) {
        if (all && pending.isEmpty()) {
          writer = null;
          if (lost > 0) {
            notices.accept("usage of " + lost + " requests was lost while the store was away");
            lost = 0;
          }
          return;
        }
      }
    }
  }

  /** Writes what waits; returns what stopped it, or null. */
  private @Nullable StoreException flush() {
    while (true) {
      Map.Entry<Place, DayUsage> first;
      synchronized (pending) {
        if (pending.isEmpty()) {
          return null;
        }
        first = Map.entry(pending.keySet().iterator().next(), pending.values().iterator().next());
      }
      try {
        write(first.getKey(), first.getValue());
      } catch (StoreException e) {
        return e;
      }
      synchronized (pending) {
        DayUsage now = pending.get(first.getKey());
        DayUsage written = first.getValue();
        if (now == null || now.equals(written)) {
          pending.remove(first.getKey());
        } else {
          pending.put(first.getKey(), now.minus(written));
        }
      }
    }
  }

  /** Requests whose usage waits in memory for the database. */
  public long pendingRequests() {
    synchronized (pending) {
      return pending.values().stream().mapToLong(DayUsage::requests).sum();
    }
  }

  /**
   * What a key used on a day, with what waits to be written. While the database is away: what it
   * said last.
   *
   * @throws StoreException if the database is away and never said it
   */
  public DayUsage day(String keyId, LocalDate utcDay) {
    Place place = new Place(keyId, utcDay);
    DayUsage written;
    try {
      List<DayUsage> rows = rows(keyId, utcDay, utcDay);
      written = rows.isEmpty() ? DayUsage.none(utcDay) : rows.getFirst();
      synchronized (known) {
        known.put(place, written);
      }
    } catch (StoreException e) {
      DayUsage before;
      synchronized (known) {
        before = known.get(place);
      }
      if (before == null) {
        throw e;
      }
      written = before;
    }
    synchronized (pending) {
      DayUsage waits = pending.get(place);
      return waits == null ? written : written.plus(waits);
    }
  }

  /** The days from {@code from} to {@code to}, both included, on which a key was used, in order. */
  public List<DayUsage> days(String keyId, LocalDate from, LocalDate to) {
    Map<LocalDate, DayUsage> days = new TreeMap<>();
    rows(keyId, from, to).forEach(day -> days.put(day.day(), day));
    synchronized (pending) {
      pending.forEach((place, waits) -> {
        LocalDate day = place.day();
        if (place.keyId().equals(keyId) && !day.isBefore(from) && !day.isAfter(to)) {
          days.merge(day, waits, DayUsage::plus);
        }
      });
    }
    return new ArrayList<>(days.values());
  }

  private List<DayUsage> rows(String keyId, LocalDate from, LocalDate to) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT utc_day, prompt_tokens, completion_tokens, requests FROM moineau.day_usage
                WHERE key_id = :key AND utc_day BETWEEN :from AND :to ORDER BY utc_day
                """)
            .bind("key", keyId)
            .bind("from", from)
            .bind("to", to)
            .map(UsageLog::row)
            .list());
  }

  private static DayUsage row(ResultSet row, StatementContext context) throws SQLException {
    return new DayUsage(
        row.getObject("utc_day", LocalDate.class),
        row.getLong("prompt_tokens"),
        row.getLong("completion_tokens"),
        row.getLong("requests"));
  }

  /** Writes what waits, and says what is lost if that fails. */
  void close() {
    StoreException failure = flush();
    synchronized (pending) {
      closed = true;
    }
    if (failure != null) {
      notices.accept(
          "usage of " + pendingRequests() + " requests is lost: " + failure.getMessage());
    }
  }
}
