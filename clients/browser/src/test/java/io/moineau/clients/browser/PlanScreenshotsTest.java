package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.OutputType;

/** Makes the pictures of docs/web.md anew: {@code -Dmoineau.screenshots=true}. */
@EnabledIfSystemProperty(
    named = "moineau.screenshots",
    matches = "true",
    disabledReason = "the pictures of docs/web.md are made anew with -Dmoineau.screenshots=true")
class PlanScreenshotsTest extends BrowserTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("moineau.root", "../.."), "docs", "images");

  private void save(Page page, String name) throws IOException {
    page.js("document.activeElement.blur()");
    Files.createDirectories(FOLDER);
    Files.write(FOLDER.resolve(name + ".png"), page.driver.getScreenshotAs(OutputType.BYTES));
  }

  private Page open(String path, boolean dark, int width, int height, boolean phone) {
    Page page = new Page(driver, serve(), path);
    page.dark(dark);
    page.size(width, height, phone);
    page.reload();
    return page;
  }

  @Test
  void chips() throws IOException {
    Page page = open("/chips?country=CN", false, 1360, 850, false);
    page.click("#chips thead th:nth-child(5) button");
    save(page, "chips-light");
    save(
        open("/chips?compare=H20&compare=910C&compare=MI300X", true, 1360, 850, false),
        "chips-dark");
    save(open("/chips?chip=MLU590", false, 390, 844, true), "chips-phone");
  }

  @Test
  void plan() throws IOException {
    String asked = "/plan?model=deepseek-r1&chip=h20&count=16&input=4096&output=1024&tpot=0.05";
    Page page = open(asked, false, 1360, 850, false);
    page.js("document.querySelector('#answer').scrollIntoView()");
    save(page, "plan-light");
    Page dark = open(asked, true, 1360, 850, false);
    dark.js("document.querySelector('.charts').scrollIntoView()");
    save(dark, "plan-dark");
    Page phone = open(asked, false, 390, 844, true);
    phone.js("document.querySelector('#answer').scrollIntoView()");
    save(phone, "plan-phone");
  }

  @Test
  void audit() throws IOException {
    String asked = "/audit?date=2026-06-01&example=1";
    Page page = open(asked, false, 1360, 850, false);
    page.js("document.querySelector('.readings').scrollIntoView()");
    page.click(".readings .change summary");
    save(page, "audit-light");
    Page dark = open(asked, true, 1360, 850, false);
    dark.js("document.querySelector('.part h3').scrollIntoView()");
    save(dark, "audit-dark");
  }

  @Test
  void rules() throws IOException {
    String h20 = "/rules?chip=H20&to=CN&end_user_hq=CN&date=2025-08-01&purpose=datacentre";
    Page page = open(h20, false, 1360, 850, false);
    until("the answer", () -> page.shown("#answer"));
    page.js("document.querySelector('#answer').scrollIntoView()");
    save(page, "rules-light");
    Page dark = open(h20 + "&view=timeline", true, 1360, 850, false);
    until("the picture", () -> dark.count("#timeline svg") > 0);
    dark.js("document.querySelector('#timeline').scrollIntoView()");
    save(dark, "rules-dark");
    Page phone = open(h20, false, 390, 844, true);
    phone.js("document.querySelector('#answer').scrollIntoView()");
    save(phone, "rules-phone");
  }
}
