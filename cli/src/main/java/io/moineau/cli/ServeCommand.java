package io.moineau.cli;

import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.server.RequestTracer;
import io.moineau.server.Server;
import io.moineau.server.ServerOptions;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.plan.PlanData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Many users at once, over HTTP. */
@Command(
    name = "serve",
    header = "Serves a model to many users, by the APIs of OpenAI, Anthropic and Ollama.",
    description = {
      "",
      "Listens until Ctrl-C or SIGTERM; then answers that run may finish (--grace). Without a"
          + " model",
      "it serves the built-in one: a demonstration.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau serve model.gguf",
      "  moineau serve model.gguf --parallel 16 -c 8192 --port 8081 --alias my-model",
      "  curl http://127.0.0.1:8080/v1/chat/completions \\",
      "    -d '{\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'"
    })
final class ServeCommand extends Job {
  @Parameters(
      paramLabel = "MODEL",
      index = "0",
      arity = "0..1",
      description = "Model file, unless -m names it.")
  private @Nullable String word;

  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private ServingArguments serving = new ServingArguments();
  @Mixin private ObservationArguments observation = new ObservationArguments();
  @Mixin private AccessArguments access = new AccessArguments();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on (${DEFAULT-VALUE}); one that others can reach needs a key (moineau"
              + " keys) or --without-keys.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port (${DEFAULT-VALUE}); 0: any that is free.")
  private int port;

  @Option(
      names = {"--alias", "-a"},
      paramLabel = "NAME",
      defaultValue = "",
      description = "The model's name for clients, instead of its file's.")
  private String alias = "";

  @Option(names = "--any-model", description = "Answer requests for any model's name.")
  private boolean anyModel;

  @Option(
      names = "--ignore-unknown-fields",
      description = "Let unknown fields of requests through instead of refusing them.")
  private boolean ignoreUnknownFields;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      defaultValue = "32",
      description = "Most MiB of a request's body (${DEFAULT-VALUE}).")
  private int maxBody;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Connections at once (${DEFAULT-VALUE}).")
  private int maxConnections;

  @Option(
      names = "--request-timeout",
      paramLabel = "S",
      defaultValue = "60",
      description = "Seconds in which a request's body must have come (${DEFAULT-VALUE}).")
  private int requestTimeout;

  @Option(
      names = "--write-timeout",
      paramLabel = "S",
      defaultValue = "30",
      description =
          "Seconds after which a client that takes nothing is cut off (${DEFAULT-VALUE}).")
  private int writeTimeout;

  @Option(
      names = "--grace",
      paramLabel = "S",
      defaultValue = "25",
      description =
          "Seconds that running answers may take when the server ends (${DEFAULT-VALUE}).")
  private int grace;

  @Option(
      names = "--catalogue",
      paramLabel = "DIR",
      description =
          "Chips and rules of this folder's files *.yaml too, for /chips, /rules and their API.")
  private @Nullable Path catalogue;

  ServeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    if (word != null) {
      if (model.model().isPresent()) {
        throw usage("the model was given twice: with -m and without");
      }
      model.takeNamed(word);
    }
    ServerOptions options = options();
    CountDownLatch asked = new CountDownLatch(1);
    try (AccessLog log = observation.accessLog(streams());
        RequestTracer tracer = observation.tracer(options);
        ServeAccess opened = access.open(this, host, isOwn());
        Moineau moineau = model.open(this, serving::addTo);
        Server server =
            Server.start(moineau, observation.addTo(opened.addTo(options), log, tracer))) {
      announce(moineau.card(), server, opened);
      return Interruption.guard(
          asked::countDown,
          () -> {
            await(asked);
            tell("ending: " + running(server.running()));
            server.close();
            tracer.close();
            log.close();
            tell("ended");
            return ExitCode.OK;
          },
          failure -> ErrorPrinter.print(failure, "moineau serve", false, streams().err()));
    }
  }

  /** A remark that waits for nobody who should read standard output. */
  private void tell(String line) {
    streams().err().print(line + "\n");
    streams().err().flush();
  }

  private static String running(int count) {
    return count == 0
        ? "no answer is running"
        : count == 1 ? "1 answer may finish" : count + " answers may finish";
  }

  private static void await(CountDownLatch asked) {
    try {
      asked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // asked in another way
    }
  }

  /** Whether only this machine can reach the address to listen on. */
  private boolean isOwn() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw usage("--host is " + host + ", which is no known address");
    }
  }

  private ServerOptions options() {
    access.check(this);
    serving.check(this);
    HttpLimits defaults = HttpLimits.defaults();
    HttpLimits limits =
        new HttpLimits(
            between("--max-body", maxBody, 1, 1024) << 20,
            defaults.headerBytes(),
            between("--max-connections", maxConnections, 1, 65_536),
            defaults.headerTime(),
            Duration.ofSeconds(between("--request-timeout", requestTimeout, 1, 86_400)),
            defaults.idleTime(),
            Duration.ofSeconds(between("--write-timeout", writeTimeout, 1, 86_400)));
    PlanData plan = catalogue == null ? PlanData.standard() : PlanData.withFolder(catalogue);
    return access
        .addTo(ServerOptions.defaults())
        .withPlan(plan)
        .withHost(host)
        .withPort(between("--port", port, 0, 65_535))
        .withAlias(alias)
        .withAnyModel(anyModel)
        .withIgnoreUnknownFields(ignoreUnknownFields)
        .withLimits(limits)
        .withGrace(Duration.ofSeconds(between("--grace", grace, 0, 3600)));
  }

  int between(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw usage(option + " is " + value + ", but must be " + min + " to " + max);
    }
    return value;
  }

  private void announce(ModelCard card, Server server, ServeAccess opened) {
    if (card.demonstration()) {
      remark(CardText.demonstration("serve"));
    }
    line("serving", server.uri() + "/v1");
    line("name", server.modelId() + " (or default)");
    CardText.lines(card).forEach(line -> line(line[0], line[1]));
    int parallel = serving.parallel();
    line(
        "parallel",
        parallel
            + (parallel == 1 ? " answer" : " answers")
            + " at once, with room for "
            + Figures.grouped(card.memory().kvTokens())
            + " tokens in all");
    boolean asks = server.asksForKeys();
    line("keys", asks ? "asked for; those of " + opened.place() : "nobody is asked for one");
    line("page", server.uri() + "/");
    line("try", "curl " + server.uri() + "/v1/chat/completions \\");
    if (asks) {
      line("", "  -H \"Authorization: Bearer $KEY\" \\");
    }
    line("", "  -d '{\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'");
    line("end", "Ctrl-C");
    streams().out().flush();
  }

  private void line(String label, String text) {
    print(label + " ".repeat(Math.max(1, 10 - label.length())) + text);
  }
}
