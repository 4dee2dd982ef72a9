package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.MemoryCheck;
import io.moineau.ModelOptions;
import io.moineau.ServingOptions;
import io.moineau.tensor.DType;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  /** 100 MiB of weights; a token takes 64 KiB in F32, 32 in F16 and 17 in Q8_0; scratch 10 MiB. */
  private static final MemoryBudget.Needs NEEDS =
      new MemoryBudget.Needs("a.gguf", 100 * MIB, 8192, type -> 512 * type.bytesFor(32), 10 * MIB);

  private static MachineMemory machine(long mebibytes) {
    return new MachineMemory(mebibytes * MIB, "a test");
  }

  @Test
  void plan_muchMemory_takesTheDefaultContext() {
    MemoryBudget budget = MemoryBudget.plan(NEEDS, ModelOptions.defaults(), machine(1000));
    assertThat(budget.report().contextLength()).isEqualTo(4096);
    assertThat(budget.report().kvBytes()).isEqualTo(128 * MIB);
    assertThat(budget.report().totalBytes()).isEqualTo(238 * MIB);
    assertThat(budget.notes()).singleElement().asString().contains("8192");
  }

  @Test
  void plan_shortModelContext_takesIt() {
    MemoryBudget.Needs small = new MemoryBudget.Needs("a.gguf", MIB, 512, type -> 64L, MIB);
    MemoryBudget budget = MemoryBudget.plan(small, ModelOptions.defaults(), machine(1000));
    assertThat(budget.report().contextLength()).isEqualTo(512);
    assertThat(budget.notes()).isEmpty();
  }

  @Test
  void plan_littleMemory_takesAShorterContextAndSaysSo() {
    MemoryBudget budget = MemoryBudget.plan(NEEDS, ModelOptions.defaults(), machine(150));
    assertThat(budget.report().contextLength()).isEqualTo(1280);
    assertThat(budget.report().fits()).isTrue();
    assertThat(budget.notes()).anyMatch(note -> note.contains("1280") && note.contains("4096"));
  }

  @Test
  void plan_contextAskedForDoesNotFit_refusesWithTheSumAndWhatFits() {
    ModelOptions options = ModelOptions.defaults().withContextLength(8192);
    assertThatThrownBy(() -> MemoryBudget.plan(NEEDS, options, machine(200)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("366.0 MiB")
        .hasMessageContaining("weights 100.0 MiB")
        .hasMessageContaining("200.0 MiB (a test)")
        .hasMessageContaining("a context of 2816 tokens")
        .hasMessageContaining("Q8_0 with a context of 5376 tokens");
  }

  @Test
  void plan_whatTheErrorSuggests_fits() {
    for (ModelOptions options :
        new ModelOptions[] {
          ModelOptions.defaults().withContextLength(2816),
          ModelOptions.defaults().withContextLength(5376).withKvType(DType.Q8_0)
        }) {
      assertThat(MemoryBudget.plan(NEEDS, options, machine(200)).report().fits()).isTrue();
    }
  }

  @Test
  void plan_weightsAloneTooLarge_saysThatNoContextFits() {
    assertThatThrownBy(() -> MemoryBudget.plan(NEEDS, ModelOptions.defaults(), machine(90)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("no context fits");
  }

  @Test
  void plan_checkOnlyWarns_loadsAndSaysSo() {
    ModelOptions options =
        ModelOptions.defaults().withContextLength(8192).withMemoryCheck(MemoryCheck.WARN);
    MemoryBudget budget = MemoryBudget.plan(NEEDS, options, machine(90));
    assertThat(budget.report().contextLength()).isEqualTo(8192);
    assertThat(budget.notes()).anyMatch(note -> note.contains("memory is short"));
  }

  @Test
  void plan_longerThanTrained_saysSo() {
    ModelOptions options = ModelOptions.defaults().withContextLength(16_384);
    assertThat(MemoryBudget.plan(NEEDS, options, machine(10_000)).notes())
        .anyMatch(note -> note.contains("16384") && note.contains("8192"));
  }

  @Test
  void plan_severalSequences_shareWhatIsLeftAndSaysSo() {
    ModelOptions options = ModelOptions.defaults().withMaxSequences(16);
    // 100 + 10 + 128 MiB with one context of 4096 tokens; half of the rest is for others.
    MemoryBudget budget = MemoryBudget.plan(NEEDS, options, machine(238 + 400));
    assertThat(budget.report().contextLength()).isEqualTo(4096);
    assertThat(budget.report().kvTokens()).isEqualTo(4096 + 200 * 32);
    assertThat(budget.report().fits()).isTrue();
    assertThat(budget.notes())
        .anyMatch(note -> note.contains("16 sequences") && note.contains("memory allows"));
    budget = MemoryBudget.plan(NEEDS, options, machine(100_000));
    assertThat(budget.report().kvTokens()).isEqualTo(16 * 4096);
    budget = MemoryBudget.plan(NEEDS, options, machine(239));
    assertThat(budget.report().kvTokens()).isBetween(4096L, 4096L + 32);
  }

  @Test
  void plan_kvTokensGiven_areTakenOrRefused() {
    ModelOptions options =
        ModelOptions.defaults()
            .withMaxSequences(16)
            .withServing(ServingOptions.defaults().withKvTokens(10_000));
    MemoryBudget budget = MemoryBudget.plan(NEEDS, options, machine(1000));
    assertThat(budget.report().kvTokens()).isEqualTo(10_016); // whole blocks
    assertThat(budget.report().contextLength()).isEqualTo(4096);
    assertThatThrownBy(() -> MemoryBudget.plan(NEEDS, options, machine(300)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("10016 tokens");
    assertThatThrownBy(() -> options.withContextLength(16_384))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("10000");
  }

  @Test
  void plan_hugeContext_doesNotOverflow() {
    ModelOptions options = ModelOptions.defaults().withContextLength(Integer.MAX_VALUE);
    MemoryBudget.Needs huge =
        new MemoryBudget.Needs("a.gguf", MIB, 8192, type -> Long.MAX_VALUE / 1000, MIB);
    assertThatThrownBy(() -> MemoryBudget.plan(huge, options, machine(1000)))
        .isInstanceOf(EngineException.class);
  }

  @Test
  void plan_rowsAreNoWholeBlocks_refusesTheTypeAndNeverSuggestsIt() {
    MemoryBudget.Needs narrow =
        new MemoryBudget.Needs("a.gguf", 100 * MIB, 8192, type -> 100 * type.bytesFor(80), MIB);
    assertThatThrownBy(() ->
            MemoryBudget.plan(
                narrow, ModelOptions.defaults().withKvType(DType.Q8_0), machine(1000)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("Q8_0");
    assertThatThrownBy(() -> MemoryBudget.plan(narrow, ModelOptions.defaults(), machine(90)))
        .isInstanceOf(EngineException.class)
        .hasMessageNotContaining("Q8_0");
  }
}
