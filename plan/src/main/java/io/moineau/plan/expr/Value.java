package io.moineau.plan.expr;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What an expression is worth: a truth, a number that may be a range, a text; or it is unknown. */
public sealed interface Value permits Truth, Value.Range, Value.Text, Value.Unknown {

  /** Its type. */
  Type type();

  /** As it is shown in a condition with the numbers put in. */
  String text();

  /** A number that lies from {@code low} to {@code high}. */
  record Range(BigDecimal low, BigDecimal high) implements Value {
    @Override
    public Type type() {
      return Type.NUMBER;
    }

    @Override
    public String text() {
      return low.compareTo(high) == 0 ? plain(low) : "(" + plain(low) + " to " + plain(high) + ")";
    }

    private static String plain(BigDecimal number) {
      BigDecimal rounded = number.scale() > 4 ? number.setScale(4, RoundingMode.HALF_UP) : number;
      BigDecimal stripped = rounded.stripTrailingZeros();
      return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
    }
  }

  /** A text. */
  record Text(String value) implements Value {
    @Override
    public Type type() {
      return Type.TEXT;
    }

    @Override
    public String text() {
      return '"' + value + '"';
    }
  }

  /** A value that is not known. */
  record Unknown(Type type) implements Value {
    @Override
    public String text() {
      return "unknown";
    }
  }

  /** One number. */
  static Value number(BigDecimal value) {
    return new Range(value, value);
  }

  /** One number. */
  static Value number(String value) {
    return number(new BigDecimal(value));
  }
}
