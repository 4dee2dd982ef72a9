package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Offer;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Aspect;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.rules.Verdict;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Chips that may be bought for a site on a day: those that the site's {@code may_add} names, else
 * those of the fleet's {@code candidates}, else the accelerators for data centres whose vendor has
 * its seat in the country; of these, the ones that are launched by then and that no rule keeps
 * away.
 */
final class Candidates {
  private final Catalogue catalogue;
  private final Rules rules;
  private final LocalDate date;
  private final Set<String> remarks = new LinkedHashSet<>();

  Candidates(Catalogue catalogue, Rules rules, LocalDate date) {
    this.catalogue = catalogue;
    this.rules = rules;
    this.date = date;
  }

  /** What was left out and why, and what a person must look at. */
  List<String> remarks() {
    return List.copyOf(remarks);
  }

  void note(String remark) {
    remarks.add(remark);
  }

  List<Item> of(Fleet fleet, Site site) {
    boolean isNamed = !site.mayAdd().isEmpty() || !fleet.candidates().isEmpty();
    List<Offer> offers = site.mayAdd().isEmpty() ? fleet.candidates() : site.mayAdd();
    List<Item> candidates = new ArrayList<>();
    for (Offer offer : isNamed ? offers : domestic(site)) {
      boolean isThere =
          offer.item().storage() || may(catalogue.find(offer.item().name()), site, offer, isNamed);
      if (isThere) {
        candidates.add(priced(offer.item(), site));
      }
    }
    if (candidates.stream().noneMatch(Item::storage)) {
      site.items().stream()
          .filter(item -> item.storage() && item.vendorCountry().equals(site.country()))
          .forEach(item -> candidates.add(many(item)));
    }
    return candidates;
  }

  private List<Offer> domestic(Site site) {
    List<Offer> offers = new ArrayList<>();
    for (Chip chip : catalogue.chips()) {
      boolean isAccelerator =
          chip.kind() == Kind.GPU || chip.kind() == Kind.NPU || chip.kind() == Kind.ASIC;
      if (isAccelerator && chip.datacentre() && chip.country().equals(site.country())) {
        Item item =
            site.items().stream()
                .filter(one -> !one.storage() && one.name().equals(chip.name()))
                .findFirst()
                .map(Candidates::many)
                .orElseGet(() -> Fleet.item(chip));
        offers.add(new Offer(item, site.country()));
      }
    }
    return offers;
  }

  /** As many as anyone may want of what is there already. */
  private static Item many(Item item) {
    return item.times(Fleet.MOST);
  }

  /** With the price that the site has for the same chip, where the candidate has none. */
  private static Item priced(Item item, Site site) {
    return site.items().stream()
        .filter(one -> item.price().isEmpty() && one.name().equals(item.name()))
        .filter(one -> one.storage() == item.storage() && one.price().isPresent())
        .findFirst()
        .map(one -> item.withPrice(one.price()))
        .orElse(item);
  }

  private boolean may(Optional<Chip> known, Site site, Offer offer, boolean isNamed) {
    Chip chip = known.orElseThrow();
    boolean isLaunched = chip.stage().equals("launched") && !chip.launchedAfter(date);
    if (!isLaunched) {
      if (isNamed) {
        remarks.add(
            chip.name()
                + " is no candidate on "
                + date
                + ": "
                + chip.stage()
                + ", "
                + chip.launch());
      }
      return false;
    }
    if (!isNamed && chip.foundry().contains("stopped")) {
      remarks.add(chip.name() + " is no candidate unless it is named: made by " + chip.foundry());
      return false;
    }
    boolean isHome = chip.country().equals(site.country());
    String from = offer.from().isEmpty() ? chip.country() : offer.from();
    Facts facts =
        Facts.of(chip)
            .with("from", from)
            .with("to", site.country())
            .with("end_user_hq", site.country());
    // What stays in its country is no export: only the buyer's country is asked.
    List<Answer> answers =
        rules.check(facts, date).answers().stream()
            .filter(a -> a.aspect() == Aspect.BUYER || !isHome && a.aspect().isDelivery())
            .toList();
    for (Answer answer : answers) {
      boolean isBarred = answer.verdict().compareTo(Verdict.LICENCE_REQUIRED) >= 0;
      if (answer.verdict().compareTo(Verdict.MANUAL) >= 0) {
        String what = isBarred ? " is no candidate: " : " is a candidate, but see to it: ";
        remarks.add(chip.name() + what + answer.aspect().words() + ": " + answer.verdict().words());
      }
      if (isBarred) {
        return false;
      }
    }
    return true;
  }
}
