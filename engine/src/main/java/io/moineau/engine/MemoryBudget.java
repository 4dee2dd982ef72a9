package io.moineau.engine;

import io.moineau.MemoryCheck;
import io.moineau.MemoryReport;
import io.moineau.ModelOptions;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Adds up what a model will need before it is loaded, and settles the context length: what was
 * asked for, or else the model's own or 4096, whichever is less, or what fits. Where several
 * sequences run at once, what is free beyond one context is room for theirs.
 *
 * @param report the sum
 * @param notes what was decided and why, a line each
 */
public record MemoryBudget(MemoryReport report, List<String> notes) {
  /** The context when nothing else is said: enough to talk, cheap enough for any machine. */
  static final int DEFAULT_CONTEXT = 4096;

  /** Tokens per sequence that several get room for by themselves: few use their whole context. */
  private static final int ROOM_PER_SEQUENCE = 4096;

  private static final int LEAST_CONTEXT = 512;
  private static final int CONTEXT_STEP = 256;

  /** Block tables and block numbers are arrays. */
  private static final long MOST_KV_TOKENS = 1L << 30;

  /**
   * What a model needs.
   *
   * @param file the file's name, for messages
   * @param weightsBytes size of the file or files, and of what is copied of them
   * @param trainedContext the context that the model was made for
   * @param kvBytesPerToken keys and values of one token over all layers, by element type
   * @param scratchBytes activations and logits
   */
  public record Needs(
      String file,
      long weightsBytes,
      int trainedContext,
      ToLongFunction<DType> kvBytesPerToken,
      long scratchBytes) {}

  /**
   * Adds up.
   *
   * @throws EngineException {@code memory-too-small} with the sum and the nearest setting that
   *     fits; {@code kv-type-impossible}
   */
  public static MemoryBudget plan(Needs needs, ModelOptions options, MachineMemory machine) {
    if (!isPossible(needs, options.kvType())) {
      throw new EngineException(
          "kv-type-impossible",
          "keys and values of this model cannot have this type",
          needs.file() + " with " + options.kvType(),
          "F32, F16: their rows are no whole number of blocks of " + options.kvType(),
          "choose F16");
    }
    List<String> notes = new ArrayList<>();
    int context = options.contextLength();
    if (context == 0) {
      int wanted = Math.min(needs.trainedContext(), DEFAULT_CONTEXT);
      if (options.serving().kvTokens() > 0) {
        wanted = Math.min(wanted, options.serving().kvTokens());
      }
      context = wanted;
      if (!report(needs, options, wanted, 0, options.kvType(), machine).fits()) {
        int fitting = fittingContext(needs, options, options.kvType(), wanted, machine);
        if (fitting > 0) {
          context = fitting;
          notes.add(
              "The context is "
                  + context
                  + " tokens, since "
                  + wanted
                  + " do not fit into memory.");
        }
      }
      if (context == wanted && wanted < needs.trainedContext()) {
        notes.add(
            "The context is "
                + context
                + " tokens by default; the model allows "
                + needs.trainedContext()
                + " (set the context length to use more).");
      }
    } else if (context > needs.trainedContext()) {
      notes.add(
          "The context of "
              + context
              + " tokens is longer than the "
              + needs.trainedContext()
              + " that the model was made for: answers may get worse beyond.");
    }
    MemoryReport report = report(needs, options, context, 0, options.kvType(), machine);
    if (report.fits() && options.maxSequences() > 1 && options.serving().kvTokens() == 0) {
      report = share(needs, options, report, machine, notes);
    }
    if (!report.fits()) {
      EngineException error = tooSmall(needs, options, report, machine);
      if (options.memoryCheck() == MemoryCheck.REFUSE) {
        throw error;
      }
      notes.add("Loaded although memory is short: " + error.where() + ".");
    }
    return new MemoryBudget(report, List.copyOf(notes));
  }

  /**
   * Adds room for several sequences: for {@link #ROOM_PER_SEQUENCE} tokens each, of what memory is
   * left at most half, since others need memory too.
   */
  private static MemoryReport share(
      Needs needs,
      ModelOptions options,
      MemoryReport one,
      MachineMemory machine,
      List<String> notes) {
    long perToken = needs.kvBytesPerToken().applyAsLong(one.kvType());
    long wanted = (long) options.maxSequences() * Math.min(one.contextLength(), ROOM_PER_SEQUENCE);
    long left = (one.availableBytes() - one.totalBytes()) / 2;
    long fitting = one.kvTokens() + (perToken == 0 ? wanted : left / perToken);
    long tokens = Math.max(one.kvTokens(), Math.min(wanted, fitting));
    tokens = Math.min(tokens, MOST_KV_TOKENS);
    notes.add(
        "Up to "
            + options.maxSequences()
            + " sequences share keys and values of "
            + tokens
            + " tokens"
            + (tokens < wanted ? ", which is what memory allows" : "")
            + "; when they need more, the newest wait.");
    return report(needs, options, one.contextLength(), tokens, one.kvType(), machine);
  }

  private static MemoryReport report(
      Needs needs,
      ModelOptions options,
      int context,
      long sharedTokens,
      DType kvType,
      MachineMemory machine) {
    long least = Math.max(sharedTokens, Math.max(context, options.serving().kvTokens()));
    long tokens = Math.ceilDiv(least, options.kvBlockTokens()) * (long) options.kvBlockTokens();
    long kvBytes;
    try {
      kvBytes = Math.multiplyExact(tokens, needs.kvBytesPerToken().applyAsLong(kvType));
    } catch (ArithmeticException e) {
      kvBytes = Long.MAX_VALUE / 4;
    }
    return new MemoryReport(
        needs.weightsBytes(),
        kvBytes,
        needs.scratchBytes(),
        machine.availableBytes(),
        machine.source(),
        context,
        tokens,
        kvType);
  }

  /** Whether keys and values of this model can be of a type: rows are whole numbers of blocks. */
  private static boolean isPossible(Needs needs, DType kvType) {
    try {
      return needs.kvBytesPerToken().applyAsLong(kvType) >= 0;
    } catch (TensorException e) {
      return false;
    }
  }

  /** The longest context that fits, at most {@code most}; 0 if not even a short one does. */
  private static int fittingContext(
      Needs needs, ModelOptions options, DType kvType, int most, MachineMemory machine) {
    MemoryReport none = report(needs, options, 0, 0, kvType, machine);
    long free = none.availableBytes() - none.totalBytes();
    long perToken = needs.kvBytesPerToken().applyAsLong(kvType);
    if (options.serving().kvTokens() > 0) {
      // The sum does not depend on the context then.
      return free < 0 ? 0 : Math.min(most, options.serving().kvTokens());
    }
    if (free < 0) {
      return 0;
    }
    long fitting = perToken == 0 ? most : Math.min(most, free / perToken);
    long rounded = fitting / CONTEXT_STEP * CONTEXT_STEP;
    int least = Math.min(LEAST_CONTEXT, needs.trainedContext());
    if (fitting == most) {
      rounded = most;
    }
    return rounded < least || !report(needs, options, (int) rounded, 0, kvType, machine).fits()
        ? 0
        : (int) rounded;
  }

  private static EngineException tooSmall(
      Needs needs, ModelOptions options, MemoryReport report, MachineMemory machine) {
    return new EngineException(
        "memory-too-small",
        "the model does not fit into memory",
        needs.file()
            + " needs "
            + bytes(report.totalBytes())
            + " (weights "
            + bytes(report.weightsBytes())
            + ", keys and values for "
            + report.kvTokens()
            + " tokens in "
            + report.kvType()
            + " "
            + bytes(report.kvBytes())
            + ", scratch "
            + bytes(report.scratchBytes())
            + ")",
        bytes(report.availableBytes()) + " (" + report.source() + ")",
        nearest(needs, options, report, machine));
  }

  private static String nearest(
      Needs needs, ModelOptions options, MemoryReport report, MachineMemory machine) {
    List<String> ways = new ArrayList<>();
    int shorter = fittingContext(needs, options, report.kvType(), report.contextLength(), machine);
    if (shorter > 0) {
      ways.add("a context of " + shorter + " tokens");
    }
    if (report.kvType() != DType.Q8_0 && isPossible(needs, DType.Q8_0)) {
      int compact = fittingContext(needs, options, DType.Q8_0, report.contextLength(), machine);
      if (compact > shorter) {
        ways.add("keys and values in Q8_0 with a context of " + compact + " tokens");
      }
    }
    if (ways.isEmpty()) {
      return "no context fits beside the weights: use a more strongly quantised file, a smaller"
          + " model or a larger machine, or turn the memory check off at your own risk";
    }
    return "what fits: "
        + String.join(", or ", ways)
        + "; or turn the memory check off at your own risk";
  }

  /** Bytes for people, such as {@code 12.3 GiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = -1;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }
}
