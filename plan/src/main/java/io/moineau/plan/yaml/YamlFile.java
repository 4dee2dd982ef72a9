package io.moineau.plan.yaml;

import io.moineau.plan.PlanException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Opens YAML files: those of this module, and those of a user's folder. */
public final class YamlFile {
  private static final long MAX_BYTES = 4 << 20;

  private YamlFile() {}

  /** A file that is part of this module, by its name. */
  public static YamlSection resource(String name) {
    try (InputStream in = YamlFile.class.getResourceAsStream("/io/moineau/plan/" + name)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: " + name);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new IllegalStateException("the jar cannot be read: " + name, e);
    }
  }

  /**
   * The YAML files of a folder, by name.
   *
   * @throws PlanException {@code plan-no-folder} or {@code plan-bad-file}
   */
  public static List<YamlSection> folder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PlanException(
          "plan-no-folder",
          "there is no such folder",
          folder.toString(),
          "a folder with files *.yaml of chips, rules or country groups",
          "check the path");
    }
    List<YamlSection> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.sorted().toList()) {
        String name = String.valueOf(path.getFileName());
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
          files.add(read(path));
        }
      }
    } catch (IOException e) {
      throw unreadable(folder, e.toString());
    }
    return files;
  }

  /**
   * One file.
   *
   * @throws PlanException {@code plan-bad-file}
   */
  public static YamlSection read(Path path) {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw unreadable(path, Files.size(path) + " bytes; at most " + MAX_BYTES);
      }
      return parse(Files.readString(path), path.toString());
    } catch (NoSuchFileException e) {
      throw unreadable(path, "it is not there");
    } catch (CharacterCodingException e) {
      throw unreadable(path, "it is not UTF-8");
    } catch (IOException e) {
      throw unreadable(path, e.toString());
    }
  }

  /** A text as the file {@code name}. */
  public static YamlSection parse(String text, String name) {
    String language = name.endsWith(".json") ? "JSON" : "YAML 1.2"; // JSON is YAML
    LoadSettings settings =
        LoadSettings.builder().setAllowDuplicateKeys(true).setUseMarks(true).build();
    Optional<Node> root;
    try {
      root =
          new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
              .getSingleNode();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw YamlSection.error(
          name, line, "is no " + language + ": " + oneLine(e.getProblem()), language);
    } catch (YamlEngineException e) {
      throw YamlSection.error(
          name, 1, "is no " + language + ": " + oneLine(e.getMessage()), language);
    }
    if (root.isEmpty()) {
      throw YamlSection.error(name, 1, "is empty", "a map of keys with values");
    }
    return new YamlSection(name, "", root.get());
  }

  private static String oneLine(@org.jspecify.annotations.Nullable String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  private static PlanException unreadable(Path path, String why) {
    return new PlanException(
        "plan-bad-file",
        "a file cannot be read",
        path + ": " + why,
        "a YAML file in UTF-8",
        "check the path and the file");
  }
}
