package io.moineau.server;

import io.moineau.ModelCard;
import io.moineau.server.api.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The names by which the model that is served may be asked for. */
final class ModelNames {
  private static final Pattern PART = Pattern.compile("-\\d{5}-of-\\d{5}$");

  private final List<String> names;
  private final boolean any;

  ModelNames(ModelCard card, String alias, boolean any) {
    Set<String> all = new LinkedHashSet<>();
    if (!alias.isEmpty()) {
      all.add(alias);
    }
    if (card.demonstration()) {
      all.add("moineau-default");
    } else {
      String file = card.path().getFileName().toString();
      String stem =
          file.toLowerCase(Locale.ROOT).endsWith(".gguf")
              ? file.substring(0, file.length() - ".gguf".length())
              : file;
      all.add(PART.matcher(stem).replaceFirst(""));
      all.add(stem);
      all.add(file);
    }
    all.add("default");
    this.names = List.copyOf(all);
    this.any = any;
  }

  /** The name that answers give. */
  String id() {
    return names.getFirst();
  }

  List<String> all() {
    return names;
  }

  void check(String name) {
    // Ollama's clients write the tag of the newest version after the name.
    String plain = name.endsWith(":latest") ? name.substring(0, name.length() - 7) : name;
    if (!any && !plain.isEmpty() && !names.contains(plain)) {
      List<String> shown = new ArrayList<>(names);
      throw ApiException.unknownModel(name, String.join(", ", shown));
    }
  }
}
