/** The one form that every error of Moineau has. */
module io.moineau.error {
  requires static transitive org.jspecify;

  exports io.moineau.error;
}
