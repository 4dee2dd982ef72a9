package io.moineau.bench.serve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Users who ask a server at the same time, each on a thread of its own. */
final class LoadRun {
  /** Tokens that streams may go on for while a long prompt is computed. */
  static final int LONG_ANSWER = 3000;

  /** Tokens of a long prompt's answer after the first, so that gaps around it are seen whole. */
  static final int AFTER_LONG_PROMPT = 8;

  private final StreamClient client;
  private final int vocabulary;
  private final AtomicLong seeds;

  /**
   * A run.
   *
   * @param vocabulary tokens that prompts are made of
   * @param seed of the prompts and lengths
   */
  LoadRun(StreamClient client, int vocabulary, long seed) {
    this.client = client;
    this.vocabulary = vocabulary;
    this.seeds = new AtomicLong(seed);
  }

  /** A prompt of random tokens. */
  StreamRequest request(int promptTokens, int maxTokens) {
    Random random = new Random(seeds.getAndIncrement());
    return StreamRequest.random(random, promptTokens, maxTokens, vocabulary);
  }

  /**
   * Streams that begin together and are all as long. What counts is the time in which all of them
   * are answered: from the first piece of text of the last one until the first has its last.
   */
  LoadFigures together(int streams, int promptTokens, int answerTokens)
      throws InterruptedException {
    List<StreamRequest> requests = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      requests.add(request(promptTokens, answerTokens));
    }
    List<StreamResult> results = runAll(requests);
    long from = Long.MIN_VALUE;
    long to = Long.MAX_VALUE;
    for (StreamResult result : results) {
      long[] events = result.events();
      if (result.isWhole() && events.length > 1) {
        from = Math.max(from, events[0]);
        to = Math.min(to, events[events.length - 1]);
      }
    }
    if (from == Long.MIN_VALUE || to <= from) { // none, or never all at once
      from = 0;
      to = 0;
    }
    return LoadFigures.of(streams + " together", streams, results, from, to);
  }

  private List<StreamResult> runAll(List<StreamRequest> requests) throws InterruptedException {
    List<StreamResult> results = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (StreamRequest request : requests) {
      threads.add(Thread.ofVirtual().start(() -> results.add(client.run(request))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(results);
  }

  /**
   * Users who ask again as soon as they are answered, for so many seconds after a warm-up. Requests
   * that have begun are waited for, and what comes after the time does not count.
   */
  LoadFigures steady(
      int streams, Lengths prompts, Lengths answers, double warmUpSeconds, double seconds)
      throws InterruptedException {
    List<StreamResult> results = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch ended = new CountDownLatch(streams);
    long from = System.nanoTime() + (long) (warmUpSeconds * 1e9);
    long to = from + (long) (seconds * 1e9);
    for (int i = 0; i < streams; i++) {
      Random random = new Random(seeds.getAndIncrement());
      Thread.startVirtualThread(() -> {
        try {
          while (System.nanoTime() - to < 0) {
            results.add(
                client.run(
                    StreamRequest.random(
                        random, prompts.next(random), answers.next(random), vocabulary)));
          }
        } finally {
          ended.countDown();
        }
      });
    }
    ended.await();
    return LoadFigures.of(streams + " users", streams, List.copyOf(results), from, to);
  }

  /**
   * A long prompt that arrives while others are answered, who go away once it has its first token.
   * What a chunk takes is measured before, with nobody else there.
   *
   * @param others streams that run already
   * @param chunkTokens of a prompt that the server computes in one step
   * @param secondsBefore during which the others run alone
   */
  LongPromptFigures longPrompt(int others, int promptTokens, int chunkTokens, double secondsBefore)
      throws InterruptedException {
    StreamResult chunk = client.run(request(Math.min(chunkTokens, promptTokens), 1));
    AtomicBoolean computed = new AtomicBoolean();
    List<StreamResult> results = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < others; i++) {
      StreamRequest request = request(16, LONG_ANSWER);
      threads.add(Thread.ofVirtual().start(() -> results.add(client.run(request, computed::get))));
    }
    Thread.sleep((long) (secondsBefore * 1e3));
    StreamResult arriving = client.run(request(promptTokens, 1 + AFTER_LONG_PROMPT));
    computed.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return LongPromptFigures.of(List.copyOf(results), arriving, chunk, promptTokens, secondsBefore);
  }
}
