package io.moineau.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebPageTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "deflate, gzip;q=1.0, *;q=0.5",
        "br , GZIP",
        "*",
        "gzip;q=0.001",
        "gzip; q=0.5"
      })
  void acceptsGzip_whereItIsNamed(String header) {
    assertThat(WebPage.acceptsGzip(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "identity", "br, deflate", "gzip;q=0", "*, gzip; q=0.000", "*;q=0", "gzipped"})
  void acceptsGzip_notWhereItIsNot(String header) {
    assertThat(WebPage.acceptsGzip(header)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "\"abc\"           | true",
        "W/\"abc\"         | true",
        "\"x\", \"abc\"    | true",
        "*                 | true",
        "\"abcd\"          | false",
        "abc               | false",
        "''                | false"
      })
  void matches_tagsOfTheHeader(String header, boolean expected) {
    assertThat(WebPage.matches(header, "\"abc\"")).isEqualTo(expected);
  }

  @Test
  void owns_itsOwnPathsOnly() {
    assertThat(WebPage.owns("/")).isTrue();
    assertThat(WebPage.owns("/chips")).isTrue();
    assertThat(WebPage.owns("/rules")).isTrue();
    assertThat(WebPage.owns("/assets/x/y")).isTrue();
    assertThat(WebPage.owns("/plan.html")).isFalse();
    assertThat(WebPage.owns("/assets")).isFalse();
    assertThat(WebPage.owns("/v1/models")).isFalse();
    assertThat(WebPage.owns("/index.html")).isFalse();
  }
}
