package io.moineau.text.jinja;

import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * The C library's {@code strftime} in the C locale, of a time without a zone, as Python calls it.
 */
final class Strftime {
  private static final String[] DAYS = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
  };
  private static final String[] MONTHS = {
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December"
  };

  private Strftime() {}

  static String format(ZonedDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if (c != '%' || i == format.length()) {
        out.append(c);
        continue;
      }
      int start = i - 1;
      char flag = 0;
      while (i < format.length() && "_-0^#".indexOf(format.charAt(i)) >= 0) {
        flag = format.charAt(i++);
      }
      int width = 0;
      while (i < format.length() && Character.isDigit(format.charAt(i)) && width < 1000) {
        width = width * 10 + format.charAt(i++) - '0';
      }
      if (i < format.length() && (format.charAt(i) == 'E' || format.charAt(i) == 'O')) {
        i++;
      }
      String field = i < format.length() ? field(time, format.charAt(i)) : null;
      if (field == null) {
        out.append(format, start, Math.min(i + 1, format.length()));
      } else {
        out.append(flagged(field, format.charAt(i), flag, width));
      }
      i++;
    }
    return out.toString();
  }

  private static String flagged(String field, char kind, char flag, int width) {
    String out = field;
    boolean numeric = "CdegGHIjklmMSsuUVwWyY".indexOf(kind) >= 0;
    char pad = numeric && kind != 'e' && kind != 'k' && kind != 'l' ? '0' : ' ';
    int size = Math.max(width, numeric ? field.length() : 0);
    switch (flag) {
      case '^' -> out = out.toUpperCase(Locale.ROOT);
      case '#' -> out = kind == 'p' ? out.toLowerCase(Locale.ROOT) : out.toUpperCase(Locale.ROOT);
      case '-', '_', '0' -> {
        if (numeric) {
          out = out.strip();
          int zeros = 0;
          while (zeros < out.length() - 1 && out.charAt(zeros) == '0') {
            zeros++;
          }
          out = out.substring(zeros);
          size = flag == '-' ? width : size;
        }
        pad = flag == '_' ? ' ' : flag == '0' ? '0' : pad;
      }
      default -> {}
    }
    return out.length() < size ? String.valueOf(pad).repeat(size - out.length()) + out : out;
  }

  private static String two(long n) {
    return String.format(Locale.ROOT, "%02d", n);
  }

  private static @org.jspecify.annotations.Nullable String field(ZonedDateTime t, char kind) {
    int weekday = t.getDayOfWeek().getValue(); // Monday is 1
    int hour12 = t.getHour() % 12 == 0 ? 12 : t.getHour() % 12;
    return switch (kind) {
      case 'a' -> DAYS[weekday - 1].substring(0, 3);
      case 'A' -> DAYS[weekday - 1];
      case 'b', 'h' -> MONTHS[t.getMonthValue() - 1].substring(0, 3);
      case 'B' -> MONTHS[t.getMonthValue() - 1];
      case 'c' -> format(t, "%a %b %e %H:%M:%S %Y");
      case 'C' -> two(t.getYear() / 100);
      case 'd' -> two(t.getDayOfMonth());
      case 'D', 'x' -> format(t, "%m/%d/%y");
      case 'e' -> String.format(Locale.ROOT, "%2d", t.getDayOfMonth());
      case 'f' -> String.format(Locale.ROOT, "%06d", t.getNano() / 1000);
      case 'F' -> format(t, "%Y-%m-%d");
      case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
      case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'H' -> two(t.getHour());
      case 'I' -> two(hour12);
      case 'j' -> String.format(Locale.ROOT, "%03d", t.getDayOfYear());
      case 'k' -> String.format(Locale.ROOT, "%2d", t.getHour());
      case 'l' -> String.format(Locale.ROOT, "%2d", hour12);
      case 'm' -> two(t.getMonthValue());
      case 'M' -> two(t.getMinute());
      case 'n' -> "\n";
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'P' -> t.getHour() < 12 ? "am" : "pm";
      case 'r' -> format(t, "%I:%M:%S %p");
      case 'R' -> format(t, "%H:%M");
      case 's' -> Long.toString(t.toEpochSecond());
      case 'S' -> two(t.getSecond());
      case 't' -> "\t";
      case 'T', 'X' -> format(t, "%H:%M:%S");
      case 'u' -> Integer.toString(weekday);
      case 'U' -> two((t.getDayOfYear() + 6 - weekday % 7) / 7);
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'w' -> Integer.toString(weekday % 7);
      case 'W' -> two((t.getDayOfYear() + 6 - (weekday - 1)) / 7);
      case 'y' -> two(t.getYear() % 100);
      case 'Y' -> Integer.toString(t.getYear());
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> null;
    };
  }
}
