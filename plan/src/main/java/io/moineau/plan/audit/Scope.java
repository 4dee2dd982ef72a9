package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sites whose chips are counted together: one site, all of them, those of an owner, or those of a
 * jurisdiction.
 *
 * @param name what they are called together
 * @param sites at least one
 */
public record Scope(String name, List<Site> sites) {
  /** One site. */
  public static Scope of(Site site) {
    return new Scope(site.name(), List.of(site));
  }

  /** Sites that belong together otherwise; none where that would only repeat single sites. */
  static List<Scope> groups(Fleet fleet) {
    Map<String, List<Site>> groups = new LinkedHashMap<>();
    if (fleet.sites().size() > 1) {
      groups.put("all sites", fleet.sites());
    }
    for (Site site : fleet.sites()) {
      add(groups, "jurisdiction " + site.country(), site);
      if (!site.region().isEmpty()) {
        add(groups, "jurisdiction " + site.country() + ", " + site.region(), site);
      }
      add(groups, site.owner().isEmpty() ? "owner not said" : site.owner() + " owners", site);
      site.stateFunded()
          .ifPresent(is -> add(groups, is ? "with money of the state" : "without it", site));
    }
    List<Scope> scopes = new ArrayList<>();
    groups.forEach((name, sites) -> {
      boolean isNew = scopes.stream().noneMatch(one -> one.sites().equals(sites));
      if (sites.size() > 1 && isNew) {
        scopes.add(new Scope(name, List.copyOf(sites)));
      }
    });
    return scopes;
  }

  private static void add(Map<String, List<Site>> groups, String name, Site site) {
    groups.computeIfAbsent(name, key -> new ArrayList<>()).add(site);
  }

  /** All chips. */
  List<Item> items() {
    return sites.stream().flatMap(site -> site.items().stream()).toList();
  }
}
