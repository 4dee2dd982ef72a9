/** JMH benchmarks, the oracles, and the runs against peers; not published. */
module io.moineau.bench {
  requires io.moineau.adapt;
  requires io.moineau.engine;
  requires io.moineau.format;
  requires io.moineau.kernels;
  requires io.moineau.plan;
  requires io.moineau.server;
  requires io.moineau.testkit;
  requires io.moineau.text;
  requires java.management;
  requires java.net.http;
  requires jdk.httpserver;
  requires jdk.management;
  requires static org.jspecify;
  requires jmh.core;
  requires com.fasterxml.jackson.core;
}
