package io.moineau.server.access;

import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import io.moineau.store.ApiKey;
import io.moineau.store.DayUsage;
import io.moineau.store.Store;
import io.moineau.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets in who has a key, as far as its budget, its rate and its models allow.
 *
 * <p>A budget is a number of tokens for a day in UTC, of prompts and answers together; those of a
 * prompt that were in the cache count as others do, so that what a key may ask does not depend on
 * what others asked before. An answer holds its part of the budget from the beginning: its prompt's
 * tokens and {@code max_tokens}, or {@link #UNKNOWN_ANSWER} where the request names none; beyond
 * that it takes more in small parts as it grows. Where nothing is left it ends, as at its {@code
 * max_tokens}. So what one server admits never exceeds a budget.
 */
public final class KeyGatekeeper implements Gatekeeper, AutoCloseable {
  /** Tokens held for an answer whose length is not limited. */
  static final int UNKNOWN_ANSWER = 1024;

  /** Tokens that an answer takes at a time beyond what it held from the beginning. */
  static final int MORE = 64;

  private static final Duration MOMENT = Duration.ofMillis(250);
  private static final int RETRY_SECONDS = 5;
  private static final int DAYS_SHOWN = 30;

  private final Store store;
  private final InstantSource clock;
  private final WrongKeys wrongKeys;
  private final UsageWriter writer;
  private final Map<String, KeyAccount> accounts = new ConcurrentHashMap<>();

  /** With the keys of a store, which stays open when this closes. */
  public KeyGatekeeper(Store store) {
    this(store, InstantSource.system(), MOMENT);
  }

  KeyGatekeeper(Store store, InstantSource clock, Duration moment) {
    this.store = store;
    this.clock = clock;
    this.wrongKeys = new WrongKeys(clock);
    this.writer = new UsageWriter(store.usage(), moment, clock, accounts::values);
    writer.start();
  }

  @Override
  public Caller identify(HttpRequest http) {
    String secret = Credentials.of(http);
    if (secret.isEmpty()) {
      throw refused(
          "missing_api_key", "a key is needed", "", "Authorization: Bearer KEY, or X-Api-Key: KEY");
    }
    Optional<ApiKey> found;
    try {
      found = store.keys().findAny(secret);
    } catch (StoreException e) {
      throw away();
    }
    ApiKey key = found.orElseThrow(() -> unknown(http.remote()));
    if (!key.usableAt(clock.instant())) {
      boolean revoked = key.revoked().isPresent();
      throw refused(
          revoked ? "key_revoked" : "key_expired",
          revoked ? "the key was revoked" : "the key has expired",
          key.name(),
          "a key that works: moineau keys list");
    }
    accounts.computeIfAbsent(key.id(), id -> new KeyAccount(key)).seen(key, clock.millis());
    return Caller.withKey(key.id(), key.name());
  }

  private static ApiException refused(String code, String what, String where, String allowed) {
    return new ApiException(401, code, "", 0, what, where, allowed, "");
  }

  private ApiException unknown(String address) {
    if (store.trouble().isPresent()) {
      return away(); // it may be a new one
    }
    int seconds = wrongKeys.count(address);
    if (seconds > 0) {
      return new ApiException(
          429,
          "too_many_failures",
          "",
          seconds,
          "too many wrong keys came from this address",
          address,
          "",
          "give the client a key that works");
    }
    return refused(
        "invalid_api_key", "the key is not known", "", "a key that works: moineau keys list");
  }

  private static ApiException away() {
    return new ApiException(
        503,
        "keys_unavailable",
        "",
        RETRY_SECONDS,
        "keys cannot be looked up for the moment",
        "",
        "",
        "try again");
  }

  @Override
  public void check(Caller caller, List<String> modelNames) {
    KeyAccount account = account(caller);
    checkModel(account.key(), modelNames);
    Instant now = clock.instant();
    account.open(store.usage(), now);
    synchronized (account) {
      checkBudget(account, 1, now);
    }
  }

  private KeyAccount account(Caller caller) {
    KeyAccount account = accounts.get(caller.keyId());
    if (account == null) {
      throw refused("missing_api_key", "a key is needed", "", "");
    }
    return account;
  }

  @Override
  public Admission admit(Caller caller, String modelId) {
    return admit(caller, new Ask(List.of(modelId), 0, 0, true));
  }

  @Override
  public Admission admit(Caller caller, Ask ask) {
    KeyAccount account = account(caller);
    checkModel(account.key(), ask.modelNames());
    long answer = ask.maxTokens() < 0 ? UNKNOWN_ANSWER : ask.maxTokens();
    Instant now = clock.instant();
    account.open(store.usage(), now);
    synchronized (account) {
      checkBudget(account, ask.promptTokens() + Math.min(answer, 1), now);
      checkRate(account, ask, now);
      return new Lease(account, ask, answer);
    }
  }

  /** What one answer holds of a budget. */
  private final class Lease implements Admission {
    private final KeyAccount account;
    private final long promptTokens;
    private final boolean first;
    private boolean ended;

    /** Tokens of the answer that are held. */
    private volatile long granted;

    Lease(KeyAccount account, Ask ask, long answer) {
      this.account = account;
      this.promptTokens = ask.promptTokens();
      this.first = ask.first();
      account.hold(promptTokens);
      this.granted = account.holdUpTo(answer);
    }

    @Override
    public boolean allows(int tokens) {
      return tokens < granted || isExtended();
    }

    /** An answer may be given up while its next token is made: then nothing more is held. */
    private synchronized boolean isExtended() {
      long more = ended ? 0 : account.holdUpTo(MORE);
      granted += more;
      return more > 0;
    }

    @Override
    public void ended(AnswerEnd end) {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
      }
      settle(account, promptTokens + granted, first, end);
    }
  }

  private void settle(KeyAccount account, long held, boolean first, AnswerEnd end) {
    LocalDate day = KeyAccount.day(clock.instant());
    int prompt = end.usage().promptTokens();
    int completion = end.usage().completionTokens();
    boolean nothing = end.finishReason().isEmpty() && prompt + completion == 0;
    account.settle(held, new DayUsage(day, prompt, completion, first && !nothing ? 1 : 0));
    long round = writer.add(account);
    if (!nothing && store.trouble().isEmpty()) {
      writer.await(round);
    }
  }

  private static void checkModel(ApiKey key, List<String> names) {
    if (!key.models().isEmpty() && names.stream().noneMatch(key::allows)) {
      throw new ApiException(
          403,
          "model_not_allowed",
          "model",
          0,
          "the key is not for this model",
          names.getFirst() + ", key " + key.name(),
          String.join(", ", key.models()),
          "");
    }
  }

  /** Refuses whoever cannot have so many tokens at this moment. */
  private static void checkBudget(KeyAccount account, long tokens, Instant now) {
    OptionalLong budget = account.key().tokensPerDay();
    if (budget.isEmpty()) {
      return;
    }
    long most = budget.getAsLong();
    long used = account.today().tokens();
    String key = ", key " + account.key().name();
    Instant reset = KeyAccount.reset(now);
    if (used + tokens > most) {
      boolean spent = used >= most;
      throw new ApiException(
          429,
          spent ? "budget_spent" : "budget_too_small",
          "",
          (int) Math.max(1, Duration.between(now, reset).toSeconds() + 1),
          spent
              ? "the key's tokens of today are spent"
              : "the prompt is larger than what is left of the key's tokens of today",
          used + " of " + most + (spent ? "" : " used, " + tokens + " needed") + key,
          "",
          "wait until " + reset + ", or ask for a larger budget");
    }
    if (used + account.held() + tokens > most) {
      throw new ApiException(
          429,
          "budget_reserved",
          "",
          RETRY_SECONDS,
          "what is left of the key's tokens of today is held by answers that run",
          used + " used and " + account.held() + " held of " + most + key,
          "",
          "wait for their end, or give max_tokens so that less is held");
    }
  }

  private static void checkRate(KeyAccount account, Ask ask, Instant now) {
    TokenBucket bucket = account.bucket(now.toEpochMilli());
    if (bucket == null || !ask.first() || bucket.take(now.toEpochMilli())) {
      return;
    }
    long millis = bucket.millisUntilOne(now.toEpochMilli());
    throw new ApiException(
        429,
        "rate_exceeded",
        "",
        (int) (millis / 1000) + 1,
        "the key's requests of this minute are spent",
        "key " + account.key().name(),
        bucket.perMinute() + " in a minute",
        "wait until " + now.plusMillis(millis));
  }

  /** As OpenAI tells them; {@code X-Should-Retry} is what its clients look at before they retry. */
  @Override
  public Map<String, String> headers(Caller caller) {
    KeyAccount account = accounts.get(caller.keyId());
    if (account == null) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    Instant now = clock.instant();
    synchronized (account) {
      TokenBucket bucket = account.bucket(now.toEpochMilli());
      if (bucket != null) {
        long full = bucket.millisUntilFull(now.toEpochMilli());
        headers.put("X-RateLimit-Limit-Requests", "" + bucket.perMinute());
        headers.put("X-RateLimit-Remaining-Requests", "" + bucket.left(now.toEpochMilli()));
        headers.put("X-RateLimit-Reset-Requests", duration(Duration.ofMillis(full)));
      }
      OptionalLong most = account.key().tokensPerDay();
      if (most.isPresent()) {
        headers.put("X-RateLimit-Limit-Tokens", "" + most.getAsLong());
        headers.put("X-RateLimit-Remaining-Tokens", "" + account.left().orElse(0));
        headers.put(
            "X-RateLimit-Reset-Tokens", duration(Duration.between(now, KeyAccount.reset(now))));
        if (account.today().tokens() >= most.getAsLong()) {
          headers.put("X-Should-Retry", "false");
        }
      }
    }
    return headers;
  }

  /** As {@code 6h0m12s}. */
  private static String duration(Duration time) {
    long seconds = (time.toMillis() + 999) / 1000;
    String text = (seconds % 60) + "s";
    if (seconds >= 60) {
      text = (seconds / 60 % 60) + "m" + text;
    }
    return seconds >= 3600 ? (seconds / 3600) + "h" + text : text;
  }

  @Override
  public Optional<KeyUsage> usage(Caller caller) {
    KeyAccount account = accounts.get(caller.keyId());
    if (account == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    account.open(store.usage(), now);
    LocalDate today = KeyAccount.day(now);
    List<DayUsage> before =
        store.usage().days(caller.keyId(), today.minusDays(DAYS_SHOWN - 1), today.minusDays(1));
    List<DayUsage> days = new java.util.ArrayList<>(before);
    days.add(account.today());
    return Optional.of(new KeyUsage(account.key(), account.today(), KeyAccount.reset(now), days));
  }

  @Override
  public Map<String, Double> budgetsSpent() {
    Map<String, Double> spent = new LinkedHashMap<>();
    for (KeyAccount account : accounts.values()) {
      OptionalLong most = account.key().tokensPerDay();
      if (most.isPresent()) {
        double used = account.tokensOn(KeyAccount.day(clock.instant()));
        spent.put(account.key().name(), used / Math.max(1, most.getAsLong()));
      }
    }
    return spent;
  }

  @Override
  public Optional<String> trouble() {
    return store
        .trouble()
        .map(away ->
            "the store of keys is away ("
                + away.code()
                + "): keys that are known go on working, unknown ones are answered with 503");
  }

  /** Writes what is not yet written. */
  @Override
  public void close() {
    writer.close();
  }
}
