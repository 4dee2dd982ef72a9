/** The moineau command. */
module io.moineau.cli {
  requires io.moineau.adapt;
  requires io.moineau.plan;
  requires io.moineau.server;
  requires io.moineau.store;
  requires io.moineau.engine;
  requires io.moineau.model;
  requires io.moineau.text;
  requires io.moineau.kernels;
  requires io.moineau.format;
  requires io.moineau.tensor;
  requires io.moineau.error;
  requires static org.jspecify;
  requires info.picocli;
  requires org.jline.terminal;
  requires org.jline.reader;
  requires com.fasterxml.jackson.core;
  requires java.management;
  requires jdk.management;
  requires jdk.incubator.vector;

  provides java.lang.System.LoggerFinder with
      io.moineau.cli.RemarkLoggers;

  opens io.moineau.cli to
      info.picocli;
}
