package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Rules;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A folder whose files add to the catalogue of chips and to the rules, or change them. */
final class CatalogueArgument {
  @Option(
      names = "--catalogue",
      paramLabel = "DIR",
      description = "Also read the files *.yaml of this folder: they add rows or change them.")
  private @Nullable Path folder;

  Rules rules() {
    return folder == null ? Rules.standard() : Rules.withFolder(folder);
  }

  Catalogue chips() {
    return folder == null ? Catalogue.standard() : Catalogue.withFolder(folder);
  }
}
