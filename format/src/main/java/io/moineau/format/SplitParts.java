package io.moineau.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the files of a split model and checks that they belong together.
 *
 * <p>Keys and names are those of llama.cpp's {@code gguf-split}: {@code split.no} from 0, {@code
 * split.count}, {@code split.tensors.count} over all parts.
 */
final class SplitParts {
  static final String NUMBER = "split.no";
  static final String COUNT = "split.count";
  static final String TENSORS = "split.tensors.count";

  private static final int MOST_PARTS = 65_535;

  private SplitParts() {}

  /** How many parts the model has, 1 if it is not split. */
  static int count(GgufPart part) {
    long count = part.metadata().findInteger(COUNT).orElse(1L);
    if (count < 0 || count > MOST_PARTS) {
      throw new FormatException(
          "gguf-split-bad-count",
          "a split model has an impossible number of parts",
          COUNT + "=" + count + " in " + part.file(),
          "1 to " + MOST_PARTS,
          "the file is damaged; fetch it again");
    }
    return (int) Math.max(1, count);
  }

  /** The paths of all parts, in order, all there. */
  static List<Path> paths(Path path, GgufPart named) {
    int count = count(named);
    long number = number(named);
    Optional<SplitName> name = SplitName.of(path);
    if (name.isEmpty() || name.get().count() != count || name.get().number() != number + 1) {
      throw new FormatException(
          "gguf-split-bad-name",
          "a part of a split model does not have the name that its numbers ask for",
          path + " is part " + (number + 1) + " of " + count,
          String.format("a name that ends in -%05d-of-%05d.gguf", number + 1, count),
          "give the files their first names back");
    }
    List<Path> paths = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (int part = 1; part <= count; part++) {
      Path sibling = path.resolveSibling(name.get().part(part));
      paths.add(part == number + 1 ? path : sibling);
      if (!Files.exists(sibling) && missing.size() < 5) {
        missing.add(name.get().part(part));
      }
    }
    if (!missing.isEmpty()) {
      throw new FormatException(
          "gguf-split-missing-part",
          "a part of a split model is missing",
          String.join(", ", missing) + " beside " + path,
          "all " + count + " parts in one folder",
          "fetch the missing parts");
    }
    return paths;
  }

  private static long number(GgufPart part) {
    long number = part.metadata().integer(NUMBER);
    if (number < 0 || number >= count(part)) {
      throw new FormatException(
          "gguf-split-bad-number",
          "a part of a split model has an impossible number",
          NUMBER + "=" + number + " in " + part.file(),
          "0 to " + (count(part) - 1),
          "the file is damaged; fetch it again");
    }
    return number;
  }

  /** Checks the numbers of all parts, and that they hold as many tensors as were split. */
  static void check(List<GgufPart> parts) {
    long tensors = 0;
    for (int i = 0; i < parts.size(); i++) {
      GgufPart part = parts.get(i);
      if (count(part) != parts.size() || number(part) != i) {
        throw new FormatException(
            "gguf-split-mixed",
            "a file is not the part that its name says",
            part.file() + " is part " + (number(part) + 1) + " of " + count(part),
            "part " + (i + 1) + " of " + parts.size(),
            "parts of different models were mixed; fetch all parts again");
      }
      tensors += part.tensors().size();
    }
    Optional<Long> expected = parts.getFirst().metadata().findInteger(TENSORS);
    if (expected.isPresent() && expected.get() != tensors) {
      throw new FormatException(
          "gguf-split-tensor-count",
          "the parts of a split model hold another number of tensors than were split",
          tensors + " tensors in " + parts.size() + " parts from " + parts.getFirst().file(),
          expected.get() + " (" + TENSORS + ")",
          "parts of different models were mixed; fetch all parts again");
    }
  }
}
