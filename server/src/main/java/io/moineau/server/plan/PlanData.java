package io.moineau.server.plan;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Rules;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of chips and the rules that a server answers from: those of the module {@code
 * plan}, or with the rows of a folder beside them.
 *
 * <p>The module's own data are read at the first question, and no class of it is loaded before: a
 * server that nobody asks for chips pays nothing for them. A folder is read at once, so that a
 * mistake in it is told to whoever starts the server and not to whoever asks it.
 */
public final class PlanData {
  private static final PlanData STANDARD = new PlanData(Optional.empty());

  private final Optional<Path> folder;
  private final PlanWork work = new PlanWork();
  private @Nullable Catalogue catalogue;
  private @Nullable Rules rules;

  private PlanData(Optional<Path> folder) {
    this.folder = folder;
  }

  /** The data of the module, the same for all. */
  public static PlanData standard() {
    return STANDARD;
  }

  /**
   * With the files {@code *.yaml} of a folder, read now.
   *
   * @throws PlanException {@code plan-no-folder} or {@code plan-bad-file}
   */
  public static PlanData withFolder(Path folder) {
    PlanData data = new PlanData(Optional.of(folder));
    data.catalogue();
    data.rules();
    return data;
  }

  /** The folder that was added; none for the module's own data. */
  public Optional<Path> folder() {
    return folder;
  }

  /** What does one long computation at a time. */
  public PlanWork work() {
    return work;
  }

  /** The chips. */
  public synchronized Catalogue catalogue() {
    Catalogue known = catalogue;
    if (known == null) {
      known = folder.map(Catalogue::withFolder).orElseGet(Catalogue::standard);
      catalogue = known;
    }
    return known;
  }

  /** The rules. */
  public synchronized Rules rules() {
    Rules known = rules;
    if (known == null) {
      known = folder.map(Rules::withFolder).orElseGet(Rules::standard);
      rules = known;
    }
    return known;
  }

  /**
   * A text that names files, as it may be told to others: without the way to them, which is nobody
   * else's business.
   */
  public String told(String text) {
    return folder.map(path -> text.replace(path + File.separator, "")).orElse(text);
  }
}
