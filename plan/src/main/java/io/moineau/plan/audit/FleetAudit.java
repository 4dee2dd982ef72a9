package io.moineau.plan.audit;

import io.moineau.plan.audit.ChangeLimits.Kind;
import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Quota;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.rules.Weighed;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The audit of a fleet: each site, sites together, and the least changes.
 *
 * @param date the day
 * @param sites in the order of the fleet
 * @param groups of sites: all of them, those of a jurisdiction, of an owner, of a rule
 * @param candidates names of the chips that may come, by site
 * @param remarks on the candidates
 */
public record FleetAudit(
    LocalDate date,
    List<Part> sites,
    List<Part> groups,
    Map<String, List<String>> candidates,
    List<String> remarks) {

  /**
   * One site, or some together.
   *
   * @param audit its shares, and what the rules say
   * @param readings the least changes, in the order of the shares
   * @param quotas of the rules on the day
   */
  public record Part(Audit audit, List<ReadingAudit> readings, List<QuotaAudit> quotas) {
    /** As plain values for JSON. */
    public Map<String, Object> json() {
      Map<String, Object> json = audit.json();
      json.put("least_changes", readings.stream().map(ReadingAudit::json).toList());
      json.put("quotas", quotas.stream().map(QuotaAudit::json).toList());
      return json;
    }
  }

  /** Audits a fleet on a day. */
  public static FleetAudit of(Fleet fleet, Catalogue catalogue, Rules rules, LocalDate date) {
    return of(fleet, catalogue, rules, date, ReadingFilter.ALL);
  }

  /** The same under some readings only. */
  public static FleetAudit of(
      Fleet fleet, Catalogue catalogue, Rules rules, LocalDate date, ReadingFilter filter) {
    return new Work(fleet, catalogue, rules, date, filter).audit();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("date", date.toString());
    json.put("sites", sites.stream().map(Part::json).toList());
    json.put("groups", groups.stream().map(Part::json).toList());
    json.put("candidates", candidates);
    json.put("remarks", remarks);
    json.put("note", Assessment.DISCLAIMER);
    return json;
  }

  /** An audit that is being made. */
  private static final class Work {
    /** Beyond this the programme of all sites together is too large to be solved at once. */
    private static final int MOST_SITES = 40;

    private final Fleet fleet;
    private final Catalogue catalogue;
    private final Rules rules;
    private final LocalDate date;
    private final ReadingFilter filter;
    private final Candidates candidates;
    private final Map<Site, List<Item>> coming = new LinkedHashMap<>();

    Work(Fleet fleet, Catalogue catalogue, Rules rules, LocalDate date, ReadingFilter filter) {
      this.filter = filter;
      this.fleet = fleet;
      this.catalogue = catalogue;
      this.rules = rules;
      this.date = date;
      candidates = new Candidates(catalogue, rules, date);
      fleet.sites().forEach(site -> coming.put(site, candidates.of(fleet, site)));
    }

    FleetAudit audit() {
      List<Part> sites = new ArrayList<>();
      for (Site site : fleet.sites()) {
        Audit audit = Audit.of(site, rules, date, filter);
        ChangeSearch search = search(audit.scope());
        sites.add(new Part(audit, readings(audit, search), quotas(site, audit, search)));
      }
      List<Part> groups = new ArrayList<>();
      for (Scope scope : Scope.groups(fleet)) {
        Audit audit = Audit.of(scope, date, Optional.empty(), filter);
        boolean isLarge = scope.sites().size() > MOST_SITES;
        groups.add(
            new Part(audit, isLarge ? List.of() : readings(audit, search(scope)), List.of()));
        if (isLarge) {
          candidates.note(
              scope.name() + ": no least change of more than " + MOST_SITES + " sites at once");
        }
      }
      groups.addAll(byRule(sites));
      Map<String, List<String>> names = new LinkedHashMap<>();
      coming.forEach(
          (site, items) -> names.put(site.name(), items.stream().map(Item::name).toList()));
      return new FleetAudit(date, sites, groups, names, candidates.remarks());
    }

    private ChangeSearch search(Scope scope) {
      List<List<Item>> items = scope.sites().stream().map(coming::get).toList();
      return new ChangeSearch(scope, items, catalogue, fleet.limits());
    }

    private List<ReadingAudit> readings(Audit audit, ChangeSearch search) {
      List<ReadingAudit> readings = new ArrayList<>();
      for (Audit.Share share : audit.shares()) {
        Reading more = reading(share, false);
        Change change = search.least(List.of(more), true);
        boolean isAsked = change.status() != Change.Status.PASSES;
        readings.add(
            new ReadingAudit(
                share,
                change,
                search.least(List.of(reading(share, true)), true),
                search.least(List.of(more), false),
                alone(isAsked, more, search, Kind.ADD),
                alone(isAsked, more, search, Kind.REMOVE)));
      }
      return readings;
    }

    private static Reading reading(Audit.Share share, boolean orEqual) {
      Unit unit =
          Unit.all().stream()
              .filter(u -> u.pool().equals(share.pool()) && u.name().equals(share.unit()))
              .findFirst()
              .orElseThrow();
      return new Reading(unit, share.meaning(), Audit.HALF, orEqual);
    }

    private Optional<Change> alone(
        boolean isAsked, Reading reading, ChangeSearch search, Kind kind) {
      return isAsked
          ? Optional.of(search.least(List.of(reading), true, fleet.limits().with(Set.of(kind))))
          : Optional.empty();
    }

    private List<QuotaAudit> quotas(Site site, Audit audit, ChangeSearch search) {
      List<QuotaAudit> quotas = new ArrayList<>();
      Facts facts = Audit.facts(site);
      for (Weighed weighed : audit.rules().map(Answer::rules).orElse(List.of())) {
        Optional<Quota> quota = weighed.rule().quota();
        boolean isThen =
            weighed.status().counts() || weighed.status() == io.moineau.plan.rules.Status.UNKNOWN;
        if (quota.isPresent() && isThen) {
          Truth asks =
              quota.get().when().map(when -> rules.holds(when, facts, date)).orElse(Truth.YES);
          quotas.add(quota(weighed, weighed.met().and(asks), audit.scope(), search));
        }
      }
      return quotas;
    }

    private QuotaAudit quota(Weighed weighed, Truth applies, Scope scope, ChangeSearch search) {
      Quota quota = weighed.rule().quota().orElseThrow();
      List<Reading> passing = new ArrayList<>();
      List<Reading> open = new ArrayList<>();
      List<Reading> failing = new ArrayList<>();
      List<Reading> reachable = new ArrayList<>();
      Map<Reading, List<String>> unreachable = new LinkedHashMap<>();
      for (Reading reading : Reading.of(scope, quota.pools(), quota.part(), false, filter)) {
        Change sure = search.least(List.of(reading), true);
        boolean isPassing = sure.status() == Change.Status.PASSES;
        boolean isOpen =
            !isPassing && search.least(List.of(reading), false).status() == Change.Status.PASSES;
        (isPassing ? passing : isOpen ? open : failing).add(reading);
        if (sure.isFound()) {
          reachable.add(reading);
        } else {
          unreachable.put(reading, sure.why());
        }
      }
      return new QuotaAudit(
          weighed.rule(),
          quota,
          weighed.status(),
          weighed.note(),
          applies,
          weighed.condition(),
          passing,
          open,
          failing,
          unreachable,
          search.least(reachable, true));
    }

    /** Sites that a rule speaks of, counted together: some read a quota so. */
    private List<Part> byRule(List<Part> sites) {
      Map<String, List<Site>> of = new LinkedHashMap<>();
      Map<String, Weighed> weighed = new LinkedHashMap<>();
      for (Part part : sites) {
        for (QuotaAudit quota : part.quotas()) {
          // Where all must be domestic, counting sites together says nothing new.
          boolean isShare = quota.quota().part().compareTo(java.math.BigDecimal.ONE) < 0;
          if (isShare && quota.applies() != Truth.NO) {
            String id = quota.rule().id();
            of.computeIfAbsent(id, key -> new ArrayList<>())
                .add(part.audit().scope().sites().getFirst());
            part.audit().rules().orElseThrow().rules().stream()
                .filter(w -> w.rule().id().equals(id))
                .forEach(w -> weighed.putIfAbsent(id, w));
          }
        }
      }
      List<Part> parts = new ArrayList<>();
      of.forEach((id, list) -> {
        Weighed rule = weighed.get(id);
        if (list.size() > 1 && list.size() <= MOST_SITES && rule != null) {
          Scope scope = new Scope("sites of " + id, List.copyOf(list));
          Audit audit = Audit.of(scope, date, Optional.empty(), filter);
          ChangeSearch search = search(scope);
          QuotaAudit quota = quota(rule, Truth.UNKNOWN, scope, search);
          parts.add(new Part(audit, List.of(), List.of(quota)));
        }
      });
      return parts;
    }
  }
}
