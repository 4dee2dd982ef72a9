package io.moineau.server.http.helidon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  @Test
  void take_moreThanIsLeft_isRefusedAndTakesNothing() {
    BodyBudget budget = new BodyBudget(100);
    assertThat(budget.take(60)).isTrue();
    assertThat(budget.take(41)).isFalse();
    assertThat(budget.taken()).isEqualTo(60);
    assertThat(budget.take(40)).isTrue();
    budget.give(60);
    assertThat(budget.take(60)).isTrue();
    assertThat(budget.taken()).isEqualTo(100);
  }
}
