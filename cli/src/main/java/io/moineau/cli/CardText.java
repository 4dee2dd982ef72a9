package io.moineau.cli;

import io.moineau.Answer;
import io.moineau.ChatAnswer;
import io.moineau.FinishReason;
import io.moineau.MemoryReport;
import io.moineau.ModelCard;
import io.moineau.Timings;
import io.moineau.Usage;
import java.util.ArrayList;
import java.util.List;

/** What was loaded, in a few lines for people. */
final class CardText {
  private CardText() {}

  /** What is said of the built-in model by a command, which a real one would be given to. */
  static String demonstration(String command) {
    return "The built-in model is a demonstration, not an assistant: it is small, tells short"
        + " stories and knows nothing. For a real one: moineau "
        + command
        + " model.gguf";
  }

  /** A label and its text per line. */
  static List<String[]> lines(ModelCard card) {
    List<String[]> lines = new ArrayList<>();
    lines.add(new String[] {"model", SafeText.ofLine(card.name()) + ", " + shape(card)});
    lines.add(new String[] {"weights", weights(card)});
    lines.add(
        new String[] {
          "context",
          Figures.grouped(card.contextLength())
              + " of "
              + Figures.grouped(card.trainedContextLength())
              + " tokens, keys and values in "
              + card.memory().kvType()
        });
    lines.add(new String[] {"memory", memory(card.memory())});
    lines.add(
        new String[] {
          "kernels",
          card.provider() + ", " + card.threads() + (card.threads() == 1 ? " thread" : " threads")
        });
    for (String note : card.notes()) {
      lines.add(new String[] {"note", SafeText.ofLine(note)});
    }
    return lines;
  }

  private static String shape(ModelCard card) {
    String layers = card.architecture() + ", " + card.numLayers() + " layers";
    return card.numExperts() == 0
        ? layers + ", dense"
        : layers + ", " + card.numExpertsPerTok() + " of " + card.numExperts() + " experts";
  }

  private static String weights(ModelCard card) {
    String count = Figures.count(card.parameters()) + " parameters";
    if (card.activeParameters() < card.parameters()) {
      count += ", " + Figures.count(card.activeParameters()) + " active per token";
    }
    return count + ", " + card.quantization() + ", " + Figures.bytes(card.fileBytes());
  }

  /** The sum that was made before the load. */
  static String memory(MemoryReport memory) {
    return Figures.bytes(memory.totalBytes())
        + " ("
        + Figures.bytes(memory.weightsBytes())
        + " weights, "
        + Figures.bytes(memory.kvBytes())
        + " keys and values, "
        + Figures.bytes(memory.scratchBytes())
        + " scratch) of "
        + Figures.bytes(memory.availableBytes());
  }

  /** Tokens and speed of an answer. */
  static String stats(Answer answer) {
    return stats(answer.usage(), answer.timings(), answer.finishReason(), answer.seed());
  }

  /** Tokens and speed of an answer of a chat. */
  static String stats(ChatAnswer answer) {
    return stats(answer.usage(), answer.timings(), answer.finishReason(), answer.seed());
  }

  private static String stats(Usage usage, Timings timings, FinishReason reason, long seed) {
    String cached =
        usage.cachedTokens() == 0 ? "" : " (" + usage.cachedTokens() + " known already)";
    return "prompt "
        + usage.promptTokens()
        + " tokens"
        + cached
        + ", "
        + Figures.decimal(timings.prefillTokensPerSecond(), 1)
        + " tokens/s; answer "
        + usage.completionTokens()
        + " tokens, "
        + Figures.decimal(timings.decodeTokensPerSecond(), 1)
        + " tokens/s"
        + drafts(timings)
        + "; ended by "
        + reason.word()
        + "; seed "
        + seed;
  }

  private static String drafts(Timings timings) {
    return timings.draftedTokens() == 0
        ? ""
        : " (" + timings.acceptedTokens() + " of " + timings.draftedTokens() + " drafted kept)";
  }
}
