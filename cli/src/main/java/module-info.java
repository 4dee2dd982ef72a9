/** The moineau command. */
module io.moineau.cli {
  requires io.moineau.engine;
  requires static org.jspecify;
  requires info.picocli;
  requires org.jline.terminal;
  requires org.jline.reader;
  requires com.fasterxml.jackson.core;

  opens io.moineau.cli to
      info.picocli;
}
