package io.moineau.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the page: all there, none forgotten, no reference that leads nowhere. */
class WebFilesTest {
  private static final Pattern IMPORT =
      Pattern.compile("(?:from|import)\\s*\\(?\\s*\"(\\.[^\"]+)\"|new URL\\(\"(\\.[^\"]+)\"");
  private static final Pattern KEY = Pattern.compile("^  \"?([\\w.]+)\"?:", Pattern.MULTILINE);

  private final WebFiles files = new WebFiles();

  private String text(String name) {
    return new String(files.find(name).orElseThrow().bytes(false), StandardCharsets.UTF_8);
  }

  private static Path folder() throws URISyntaxException {
    URI index = Objects.requireNonNull(WebFiles.class.getResource("index.html")).toURI();
    return Path.of(index).getParent();
  }

  @Test
  void names_areThoseOfTheFolder() throws IOException, URISyntaxException {
    Path folder = folder();
    try (Stream<Path> all = Files.walk(folder)) {
      Set<String> found =
          all.filter(Files::isRegularFile)
              .map(file -> folder.relativize(file).toString().replace('\\', '/'))
              .filter(name -> !WebFileNames.PAGES.contains(name) && !name.endsWith(".class"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(WebFileNames.OWN).containsExactlyInAnyOrderElementsOf(found);
    }
  }

  @Test
  void everyFile_isInTheJar() {
    for (String name : files.names()) {
      WebFile file = files.find(name).orElseThrow();
      assertThat(file.bytes(false)).as(name).isNotEmpty();
      if (file.hasPacked()) {
        assertThat(file.bytes(true).length).as(name).isLessThan(file.bytes(false).length);
      }
    }
  }

  @Test
  void imports_leadToFiles() {
    List<String> lost = new ArrayList<>();
    for (String name : WebFileNames.OWN) {
      if (name.endsWith(".js")) {
        Matcher matcher = IMPORT.matcher(text(name));
        while (matcher.find()) {
          String to = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
          String wanted = URI.create("/" + name).resolve(to).getPath().substring(1);
          if (files.find(wanted).isEmpty()) {
            lost.add(name + " -> " + wanted);
          }
        }
      }
    }
    assertThat(lost).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"index.html", "plan.html"})
  void page_namesFilesThatAre_andHasNoScriptOrStyleOfItsOwn(String name) {
    assertThat(WebFileNames.PAGES).contains(name);
    String page = new String(files.page(name).bytes(false), StandardCharsets.UTF_8);
    String prefix = "/assets/" + files.version() + "/";
    List<String> named =
        Pattern.compile("(?:href|src)=\"([^\"]+)\"")
            .matcher(page)
            .results()
            .map(result -> result.group(1))
            .toList();
    assertThat(named).hasSizeGreaterThan(4).allMatch(path -> path.startsWith(prefix));
    assertThat(named).allMatch(path -> files.find(path.substring(prefix.length())).isPresent());
    assertThat(page)
        .doesNotContainPattern("(?s)<script[^>]*>[^<]")
        .doesNotContain("style=", "@VER");
    assertThat(page).doesNotContainPattern("\\son\\w+=");
  }

  @Test
  void scripts_makeNoMarkupOfTexts() {
    for (String name : WebFileNames.OWN) {
      if (name.endsWith(".js")) {
        assertThat(text(name))
            .as(name)
            .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
            .doesNotContain("eval(", "new Function")
            .doesNotContainPattern("https?://(?!www\\.w3\\.org/2000/svg)");
      }
    }
  }

  @Test
  void styles_closeWhatTheyOpen() {
    for (String name : WebFileNames.OWN) {
      if (name.endsWith(".css")) {
        int depth = 0;
        for (char c : text(name).toCharArray()) {
          depth += c == '{' ? 1 : c == '}' ? -1 : 0;
          assertThat(depth).as(name).isNotNegative();
        }
        assertThat(depth).as(name).isZero();
      }
    }
  }

  /** The files of the texts of a language. */
  private static List<String> texts(String language) {
    return WebFileNames.OWN.stream()
        .filter(name -> name.startsWith("js/lang/" + language))
        .toList();
  }

  @Test
  void languages_haveTheSameKeys_andTheSamePlaces() {
    assertThat(texts("fr").stream().map(name -> name.replace("/fr", "/en")).toList())
        .isEqualTo(texts("en"));
    for (String english : texts("en")) {
      String french = english.replace("/en", "/fr");
      assertThat(keys(french)).as(french).isEqualTo(keys(english)).hasSizeGreaterThan(10);
      assertThat(places(french)).as(french).isEqualTo(places(english));
    }
  }

  @Test
  void texts_ofAPage_hideNoneOfThoseOfAll() {
    Set<String> all = keys("js/lang/en.js");
    for (String english : texts("en")) {
      if (!english.equals("js/lang/en.js")) {
        assertThat(keys(english)).as(english).doesNotContainAnyElementsOf(all);
      }
    }
  }

  private Set<String> keys(String name) {
    return KEY.matcher(text(name))
        .results()
        .map(result -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The key of each text with the names in braces that it has. */
  private List<String> places(String name) {
    Pattern entry =
        Pattern.compile("^  \"?([\\w.]+)\"?:(.*?),$", Pattern.MULTILINE | Pattern.DOTALL);
    return entry
        .matcher(text(name))
        .results()
        .map(result ->
            result.group(1)
                + Pattern.compile("\\{(\\w+)}")
                    .matcher(result.group(2))
                    .results()
                    .map(MatchResult::group)
                    .sorted()
                    .toList())
        .sorted()
        .toList();
  }

  @Test
  void textsThatScriptsName_areInTheLanguages() {
    Set<String> known = new TreeSet<>();
    texts("en").forEach(file -> known.addAll(keys(file)));
    Pattern used =
        Pattern.compile(
            "(?:\\bt\\(|\\bt: |tLabel: |tPlaceholder: |key: )\"([\\w.]+)\"|iconButton\\([\\w.]+, \"(\\w+)\"");
    List<String> lost = new ArrayList<>();
    for (String name : WebFileNames.OWN) {
      if (name.endsWith(".js") && !name.startsWith("js/lang/")) {
        used.matcher(text(name))
            .results()
            .map(result -> result.group(1) == null ? result.group(2) : result.group(1))
            .filter(key -> !known.contains(key) && !known.contains(key + "_other"))
            .forEach(key -> lost.add(name + ": " + key));
      }
    }
    assertThat(lost).isEmpty();
  }

  @Test
  void version_isThatOfTheFiles() {
    assertThat(files.version()).matches("[0-9a-f]{12}").isEqualTo(new WebFiles().version());
  }
}
