/** Serves a model to many users over HTTP. */
module io.moineau.server {
  requires transitive io.moineau.engine;
  requires io.moineau.text;
  requires io.moineau.error;
  requires io.helidon.webserver;
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports io.moineau.server;
}
