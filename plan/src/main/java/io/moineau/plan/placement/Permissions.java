package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Offer;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Aspect;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Effect;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.rules.Verdict;
import io.moineau.plan.rules.Weighed;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the rules say of buying chips for a site, and of using chips there from another country. */
final class Permissions {
  /**
   * An answer.
   *
   * @param allowed whether it may be done as it is
   * @param verdict of the rules
   * @param reason why, in a line
   */
  record Permission(boolean allowed, Verdict verdict, String reason) {
    static final Permission FREE = new Permission(true, Verdict.NO_LICENCE, "");
  }

  private final Demand demand;
  private final Catalogue catalogue;
  private final Rules rules;
  private final LocalDate date;
  private final Map<String, Permission> known = new HashMap<>();
  private final List<String> remarks = new ArrayList<>();

  Permissions(Demand demand, Catalogue catalogue, Rules rules, LocalDate date) {
    this.demand = demand;
    this.catalogue = catalogue;
    this.rules = rules;
    this.date = date;
  }

  /** What was taken for granted. */
  List<String> remarks() {
    return remarks;
  }

  /** Whether chips may be bought for a site; {@code offer} says where they come from, if known. */
  Permission shipping(Site site, String chip, Optional<Offer> offer) {
    String from = offer.map(Offer::from).orElse("");
    return known.computeIfAbsent(
        "shipping " + site.name() + "\n" + chip + "\n" + from + "\n" + offer.isPresent(),
        key -> askShipping(site, catalogue.get(chip), from, offer.isPresent()));
  }

  private Permission askShipping(Site site, Chip chip, String from, boolean isOffered) {
    if (demand.licences().contains(new Demand.Licence(chip.name(), site.country(), false))) {
      return Permission.FREE;
    }
    if (isOffered && chip.launchedAfter(date)) {
      remark(chip.name() + " was launched in " + chip.launch() + ", after the day of the rules");
    }
    String hq = demand.endUserHq().orElse(site.country());
    Facts facts = Facts.of(chip).with("to", site.country()).with("end_user_hq", hq);
    boolean isDomestic =
        chip.country().equals(site.country()) && (from.isEmpty() || from.equals(site.country()));
    String origin = from.isEmpty() && isDomestic ? site.country() : from;
    facts = origin.isEmpty() ? facts : facts.with("from", origin);
    facts = site.region().isEmpty() ? facts : facts.with("region", site.region());
    facts = site.owner().isEmpty() ? facts : facts.with("owner", site.owner());
    if (site.stateFunded().isPresent()) {
      facts = facts.with("state_funded", Truth.of(site.stateFunded().get()));
    }
    if (site.completion().isPresent()) {
      facts = facts.with("completion", site.completion().get().toPlainString());
    }
    facts = with(facts);
    Assessment assessment = rules.check(facts, date);
    Verdict verdict = Verdict.NO_LICENCE;
    List<String> reasons = new ArrayList<>();
    // A chip of a vendor of the country is no export, unless somebody says that US rules reach it.
    boolean isExport = !isDomestic || demand.facts().containsKey("us_item");
    if (!isExport && isOffered) {
      remark(
          chip.name()
              + " bought in "
              + site.country()
              + ": a vendor of the country, so export rules are not asked");
    }
    for (Answer answer : assessment.answers()) {
      boolean isAsked = answer.aspect().isDelivery() && isExport || answer.aspect() == Aspect.BUYER;
      if (isAsked && answer.verdict().compareTo(verdict) > 0) {
        verdict = answer.verdict();
        reasons.clear();
      }
      if (isAsked && answer.verdict() == verdict && verdict != Verdict.NO_LICENCE) {
        reasons.addAll(answer.reasons());
      }
      if (answer.aspect() == Aspect.SITE && isForeign(chip, site)) {
        for (Weighed weighed : answer.rules()) { // quotas are the demand's own
          boolean isAbout = weighed.rule().effect() == Effect.MANUAL && weighed.counts();
          if (isAbout && verdict.compareTo(Verdict.MANUAL) <= 0) {
            verdict = Verdict.MANUAL;
            reasons.add(weighed.rule().id() + ": " + weighed.rule().text());
          }
        }
      }
    }
    return new Permission(demand.accepted().contains(verdict), verdict, first(reasons));
  }

  private static boolean isForeign(Chip chip, Site site) {
    return !chip.country().equals(site.country());
  }

  /** Whether users with their seat elsewhere may use chips at a site. */
  Permission renting(Demand.Traffic traffic, Site site, String chip) {
    if (traffic.endUserHq().isEmpty()) {
      remark(traffic.name() + ": no end_user_hq is given, so remote use is not asked of the rules");
      return Permission.FREE;
    }
    String hq = traffic.endUserHq().get();
    boolean isHeld = demand.licences().contains(new Demand.Licence(chip, site.country(), true));
    if (hq.equals(site.country()) || isHeld) {
      return Permission.FREE;
    }
    return known.computeIfAbsent(
        "renting " + site.country() + "\n" + chip + "\n" + hq,
        key -> {
          Facts facts =
              with(
                  Facts.of(catalogue.get(chip)).with("to", site.country()).with("end_user_hq", hq));
          Answer answer =
              rules.check(facts, date).answers().stream()
                  .filter(one -> one.aspect() == Aspect.RENTING)
                  .findFirst()
                  .orElseGet(() ->
                      new Answer(
                          Aspect.RENTING, Verdict.NO_LICENCE, List.of(), List.of(), List.of()));
          return new Permission(
              demand.accepted().contains(answer.verdict()),
              answer.verdict(),
              first(answer.reasons()));
        });
  }

  private Facts with(Facts facts) {
    Facts all = facts;
    for (Map.Entry<String, String> fact : demand.facts().entrySet()) {
      all = all.with(fact.getKey(), fact.getValue());
    }
    return all;
  }

  private static String first(List<String> reasons) {
    return reasons.isEmpty() ? "" : reasons.getFirst();
  }

  private void remark(String text) {
    if (!remarks.contains(text)) {
      remarks.add(text);
    }
  }
}
