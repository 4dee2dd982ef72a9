package io.moineau.plan.report;

import io.moineau.plan.audit.Audit;
import io.moineau.plan.audit.Change;
import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.Meaning;
import io.moineau.plan.audit.Totals.Amount;
import io.moineau.plan.chart.Axis;
import io.moineau.plan.chart.BarChart;
import io.moineau.plan.chart.Chart;
import java.math.BigDecimal;
import java.util.Locale;

/** What an audit looks like, in English or French. */
public final class AuditCharts {
  private static final double PERCENT = 100;

  private final String language;
  private final boolean french;

  /**
   * Charts in a language.
   *
   * @param language {@code fr}, or English
   */
  public AuditCharts(String language) {
    this.language = language;
    this.french = language.toLowerCase(Locale.ROOT).startsWith("fr");
  }

  private String words(String english, String inFrench) {
    return french ? inFrench : english;
  }

  /** The share under each reading, with its range, and the line at half. */
  public Chart<?> shares(Audit audit) {
    BarChart chart =
        new BarChart(
                words("Shares of domestic chips: ", "Parts de puces nationales : ")
                    + audit.scope().name())
            .axis(Axis.fromZero("%").between(0, PERCENT))
            .line(PERCENT / 2, words("half", "moitié"))
            .description(
                words(
                    "A bar is the least that a share can be; its range, where figures or makers are"
                        + " not known.",
                    "Une barre est le minimum d'une part ; sa marge, là où chiffres ou fabricants"
                        + " sont inconnus."));
    for (Audit.Share share : audit.shares()) {
      double low = share.low().doubleValue() * PERCENT;
      double high = share.high().doubleValue() * PERCENT;
      chart.bar(share.pool() + " " + share.unit(), meaning(share.meaning()), low, low, high);
    }
    return chart.language(language);
  }

  private String meaning(Meaning meaning) {
    return switch (meaning) {
      case VENDOR -> words(meaning.words(), "vendeur du pays");
      case MADE -> words(meaning.words(), "fabriquée dans le pays");
      case VENDOR_AND_MADE -> words(meaning.words(), "les deux");
      case OWNED -> words(meaning.words(), "vendeur détenu au moins à moitié");
    };
  }

  /** What the chips come to before and after a change, in per cent of what they were. */
  public Chart<?> change(String title, Change change) {
    BarChart chart =
        new BarChart(title)
            .axis(Axis.fromZero(words("% of what was there", "% de ce qui était là")))
            .line(PERCENT, words("before", "avant"));
    for (String name : change.before().amounts().keySet()) {
      Amount before = change.before().amounts().get(name);
      Amount after =
          change
              .after()
              .amounts()
              .getOrDefault(name, new Amount(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO));
      if (before != null && before.value().signum() > 0) {
        double whole = before.value().doubleValue() / PERCENT;
        chart.bar(
            name,
            words("after", "après"),
            after.low().doubleValue() / whole,
            after.value().doubleValue() / whole,
            after.high().doubleValue() / whole);
      }
    }
    return chart.language(language);
  }

  /** How many of each chip each site has. */
  public Chart<?> chips(Fleet fleet) {
    BarChart chart =
        new BarChart(words("Chips by site", "Puces par site"))
            .axis(Axis.fromZero(words("chips", "puces")))
            .stacked();
    for (Fleet.Site site : fleet.sites()) {
      for (Fleet.Item item : site.items()) {
        chart.bar(site.name(), item.name(), item.count().doubleValue());
      }
    }
    return chart.language(language);
  }
}
