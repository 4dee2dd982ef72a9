import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an SVG of a real terminal session: {@code tmux capture-pane -e -p | java
 * docs/tools/TerminalPicture.java TITLE > docs/images/chat.svg}. Knows the few colours that moineau
 * uses; nothing is drawn that was not on the screen.
 */
public final class TerminalPicture {
  private static final double CHAR = 8.43;
  private static final int LINE = 19;
  private static final int MARGIN = 16;
  private static final int BAR = 34;

  private TerminalPicture() {}

  /** Reads standard input, writes standard output. */
  public static void main(String[] args) throws Exception {
    String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int columns = 20;
    for (String line : lines) {
      columns = Math.max(columns, line.replaceAll("\u001b\\[[0-9;]*m", "").stripTrailing().length());
    }
    int width = (int) Math.ceil(columns * CHAR) + 2 * MARGIN;
    int height = lines.size() * LINE + BAR + MARGIN;
    StringBuilder svg = new StringBuilder();
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(width + " " + height)
        .append("\" width=\"").append(width).append("\" height=\"").append(height)
        .append("\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\"")
        .append(" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1b2028\"/>\n");
    String[] lights = {"#ff5f57", "#febc2e", "#28c840"};
    for (int i = 0; i < 3; i++) {
      svg.append("<circle cx=\"").append(20 + 20 * i).append("\" cy=\"17\" r=\"6\" fill=\"")
          .append(lights[i]).append("\"/>\n");
    }
    svg.append("<text x=\"50%\" y=\"22\" text-anchor=\"middle\" fill=\"#8b949e\" font-size=\"13\">")
        .append(escaped(args.length > 0 ? args[0] : "terminal")).append("</text>\n");
    String style = "";
    for (int i = 0; i < lines.size(); i++) {
      style = line(svg, lines.get(i), BAR + 14 + i * LINE, style);
    }
    System.out.write(svg.append("</svg>\n").toString().getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  /** Draws one line and returns the style that is on at its end. */
  private static String line(StringBuilder svg, String line, int y, String before) {
    String style = before;
    int column = 0;
    int at = 0;
    while (at < line.length()) {
      int escape = line.indexOf('\u001b', at);
      String run = line.substring(at, escape < 0 ? line.length() : escape);
      if (!run.isBlank()) {
        svg.append("<text xml:space=\"preserve\" x=\"")
            .append(String.format("%.1f", MARGIN + column * CHAR)).append("\" y=\"").append(y)
            .append("\" textLength=\"").append(String.format("%.1f", run.length() * CHAR)).append("\"")
            .append(attributes(style)).append(">").append(escaped(run)).append("</text>\n");
      }
      column += run.length();
      if (escape < 0) {
        break;
      }
      int end = line.indexOf('m', escape);
      for (String code : line.substring(escape + 2, end).split(";")) {
        style =
            switch (code) {
              case "", "0" -> "";
              case "39" -> style.replaceAll(";3[0-7];", ""); // the colour of plain text again
              case "22" -> style.replaceAll(";[12];", "");
              default -> style + ";" + code + ";";
            };
      }
      at = end + 1;
    }
    return style;
  }

  private static String attributes(String style) {
    String fill = "#d6dde6";
    if (style.contains(";36;")) {
      fill = "#56d4dd";
    } else if (style.contains(";33;")) {
      fill = "#e3b341";
    } else if (style.contains(";2;")) {
      fill = "#8b949e";
    }
    return " fill=\"" + fill + "\"" + (style.contains(";1;") ? " font-weight=\"bold\"" : "");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
