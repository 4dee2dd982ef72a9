/** Tokenizers and chat templates. */
module io.moineau.text {
  requires transitive io.moineau.error;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;

  exports io.moineau.text;
  exports io.moineau.text.answer;
  exports io.moineau.text.grammar;
}
