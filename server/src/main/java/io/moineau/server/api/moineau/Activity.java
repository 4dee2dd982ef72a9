package io.moineau.server.api.moineau;

import io.moineau.server.api.ApiException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.EventStream;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code GET /moineau/activity}: what the model is doing, event by event, until the client goes
 * away or the server ends.
 */
public final class Activity implements Endpoint {
  private static final int RETRY_SECONDS = 10;

  private final Service service;
  private final ActivitySampler sampler;

  /** For this server. */
  public Activity(Service service) {
    this.service = service;
    this.sampler = new ActivitySampler(service.moineau());
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/activity";
  }

  @Override
  public String summary() {
    return "What the model is doing, as server-sent events, five a second at most: requests, speed,"
        + " memory, and for each expert the tokens that chose it since the event before; the first"
        + " event has the totals";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    if (request.headersOnly()) {
      reply.body(200, "text/event-stream; charset=utf-8", "");
      return;
    }
    if (!sampler.join()) {
      throw new ApiException(
          503,
          "too_many_listeners",
          "",
          RETRY_SECONDS,
          "too many clients look at the activity",
          ActivitySampler.MOST_LISTENERS + " at once",
          "",
          "close a page that shows it, or try again");
    }
    AtomicBoolean gone = new AtomicBoolean();
    try {
      request.onGone(() -> {
        gone.set(true);
        sampler.wake();
      });
      EventStream events = reply.events();
      ActivitySampler.Event event = sampler.totals();
      events.text(event.json());
      while (!gone.get() && service.ready()) {
        Optional<ActivitySampler.Event> next = sampler.after(event.number());
        if (next.isPresent()) {
          event = next.get();
          events.text(event.json());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sampler.leave();
    }
  }
}
