package io.moineau.plan.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that users add, and the mistakes that they may make. */
class RuleReaderTest {
  private static final String HEAD =
      """
      moineau-rules: 1
      version: 2026-11-21
      rules:
      """;

  private static final String RULE =
      """
        - id: fr-test
          title: a rule of ours
          jurisdiction: FR
          kind: rule
          aspect: party
          effect: licence
          scope: from == "FR"
          when: tpp >= 100 and to in group("friends")
          dates:
            - {from: 2026-01-01, status: in force}
          verified: 2026-12-31
          text: Ours.
          evidence: C
      """;

  private static final String GROUPS =
      """
      groups:
        - name: friends
          versions:
            - {from: 2026-01-01, verified: 2026-12-31, members: [BE, CH]}
      """;

  @TempDir Path folder;

  private Rules with(String text) throws IOException {
    Files.writeString(folder.resolve("ours.yaml"), text);
    return Rules.withFolder(folder);
  }

  @Test
  void withFolder_newRuleAndGroup_areWeighed() throws IOException {
    Rules rules = with(HEAD + RULE + GROUPS);
    Facts facts =
        Facts.none()
            .with("chip", "ours")
            .with("from", "FR")
            .with("tpp", "100")
            .with("us_item", "false");
    LocalDate date = LocalDate.parse("2026-03-01");
    Assessment yes = rules.check(facts.with("to", "BE").with("end_user_hq", "BE"), date);
    assertThat(yes.answer(Aspect.PARTY).verdict()).isEqualTo(Verdict.LICENCE_REQUIRED);
    Assessment no = rules.check(facts.with("to", "IT").with("end_user_hq", "IT"), date);
    assertThat(no.answer(Aspect.PARTY).verdict()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(rules.rules()).hasSize(Rules.standard().rules().size() + 1);
  }

  @Test
  void withFolder_knownId_replacesTheRule() throws IOException {
    Rules rules =
        with(HEAD + RULE.replace("fr-test", "us-affiliates").replace("\"friends\"", "\"D:5\""));
    assertThat(rules.rules()).hasSameSizeAs(Rules.standard().rules());
    assertThat(rules.get("us-affiliates").jurisdiction()).isEqualTo("FR");
    assertThat(rules.get("us-affiliates").origin()).contains("ours.yaml line 4");
  }

  @Test
  void withFolder_mistakes_nameFileLineAndWhatIsWrong() {
    String[][] mistakes = {
      {"id: fr-test", "id: FR test", "line 4", "small letters"},
      {"effect: licence", "effect: forbid", "line 9", "classify, licence"},
      {"effect: licence", "effect: exception", "line 4", "symbol"},
      {"effect: licence", "effect: review\n    value: maybe", "line 10", "case by case"},
      {"effect: licence", "effect: review\n    value: case by case", "line 4", "of is missing"},
      {"aspect: party", "aspect: parties", "line 8", "numbers, letters, party"},
      {"kind: rule", "kind: rumour", "line 7", "bill, guidance"},
      {"tpp >= 100", "tpp >= \"100\"", "line 11", "this is a text"},
      {"tpp >= 100", "ttp >= 100", "line 11", "no such name: ttp"},
      {"\"friends\"", "\"foes\"", "line 11", "no such group"},
      {"2026-01-01, status: in force", "2026-02-30, status: in force", "line 13", "2025-08-01"},
      {"status: in force", "status: perhaps", "line 13", "not enforced"},
      {"status: in force", "status: press report", "line 13", "what is no rule"},
      {"status: in force", "status: unknown", "line 13", "what a source says"},
      {
        "- {from: 2026-01-01, status: in force}",
        "- {from: 2026-01-02, status: in force}\n      - {from: 2026-01-01, status: ended}",
        "line 14",
        "a day after 2026-01-02"
      },
      {
        "    verified: 2026-12-31",
        "    over: [nobody]\n    verified: 2026-12-31",
        "line 14",
        "nobody"
      },
      {"verified: 2026-12-31", "verified: soon", "line 14", "a day such as"},
      {"title: a rule of ours", "name: a rule of ours", "line 4", "title is missing"},
      {"text: Ours.", "text: Ours.\n    colour: red", "line 16", "colour is no key"},
    };
    for (String[] mistake : mistakes) {
      String text = HEAD + RULE.replace(mistake[0], mistake[1]) + GROUPS;
      assertThat(text).as("the mistake is made").isNotEqualTo(HEAD + RULE + GROUPS);
      assertThatThrownBy(() -> with(text))
          .as(mistake[1])
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("ours.yaml " + mistake[2])
          .hasMessageContaining(mistake[3]);
    }
  }

  @Test
  void withFolder_ruleThatClassifiesByParagraphs_isRefused() {
    String text =
        HEAD
            + RULE.replace("effect: licence", "effect: classify\n    value: X1")
                .replace("tpp >= 100", "listed(\"3A090.a\")")
            + GROUPS;
    assertThatThrownBy(() -> with(text))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("listed()");
  }

  @Test
  void facts_mistakes_sayWhatIsAllowed() {
    String[][] mistakes = {
      {"tpp", "many", "4800"},
      {"tpp", "5..4", "smaller"},
      {"tpp", "1..2..3", "range"},
      {"datacentre", "perhaps", "true, false"},
      {"to", "China", "ISO 3166"},
      {"purpose", "mining", "supercomputer"},
      {"colour", "red", "dram_bw"},
    };
    for (String[] mistake : mistakes) {
      assertThatThrownBy(() -> Facts.none().with(mistake[0], mistake[1]))
          .isInstanceOf(PlanException.class)
          .hasMessageContaining(mistake[2]);
    }
  }

  @Test
  void dates_thatAreNone_areRefused() {
    for (String text :
        new String[] {"2025-02-30", "2025-13-01", "yesterday", "0001-01-01", "2500-01-01"}) {
      assertThatThrownBy(() -> Rules.date(text))
          .isInstanceOf(PlanException.class)
          .hasMessageContaining(text);
    }
  }
}
