package io.moineau.server.web;

import java.util.ArrayList;
import java.util.List;

/**
 * A library that the page loads, from the webjar whose needed files the build puts into the jar.
 *
 * @param name of the webjar
 * @param version as the server's pom has it
 * @param files what is served of it
 */
record Library(String name, String version, List<Served> files) {
  /**
   * A file of it.
   *
   * @param path within the webjar
   * @param as the page's name for it
   * @param suffix added at the end when it is served
   */
  record Served(String path, String as, String suffix) {}

  private static final List<String> KATEX_FONTS =
      List.of(
          "AMS-Regular",
          "Caligraphic-Bold",
          "Caligraphic-Regular",
          "Fraktur-Bold",
          "Fraktur-Regular",
          "Main-Bold",
          "Main-BoldItalic",
          "Main-Italic",
          "Main-Regular",
          "Math-BoldItalic",
          "Math-Italic",
          "SansSerif-Bold",
          "SansSerif-Italic",
          "SansSerif-Regular",
          "Script-Regular",
          "Size1-Regular",
          "Size2-Regular",
          "Size3-Regular",
          "Size4-Regular",
          "Typewriter-Regular");

  /** All of them. */
  static List<Library> all() {
    return List.of(
        new Library("marked", "17.0.1", List.of(plain("lib/marked.esm.js", "lib/marked.js"))),
        new Library("dompurify", "3.3.3", List.of(plain("dist/purify.es.mjs", "lib/purify.js"))),
        new Library(
            "highlightjs",
            "11.11.1",
            // A script that sets a variable; the line makes a module of it.
            List.of(
                new Served("highlight.min.js", "lib/highlight.js", "\nexport default hljs;\n"))),
        new Library("katex", "0.18.11", katex()));
  }

  private static List<Served> katex() {
    List<Served> files = new ArrayList<>();
    files.add(plain("dist/katex.min.js", "lib/katex/katex.js"));
    files.add(plain("dist/katex.min.css", "lib/katex/katex.css"));
    for (String font : KATEX_FONTS) {
      String file = "fonts/KaTeX_" + font + ".woff2";
      files.add(plain("dist/" + file, "lib/katex/" + file));
    }
    return files;
  }

  private static Served plain(String path, String as) {
    return new Served(path, as, "");
  }

  /** The resource that holds a file. */
  String resource(Served file) {
    return "META-INF/resources/webjars/" + name + "/" + version + "/" + file.path();
  }
}
