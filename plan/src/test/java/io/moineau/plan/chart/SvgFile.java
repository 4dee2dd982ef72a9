package io.moineau.plan.chart;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** An SVG as a strict XML parser reads it. */
final class SvgFile {
  /** A text with the rectangle that it takes, by the widths the charts reckon with. */
  record Written(String text, double left, double top, double right, double bottom) {
    boolean overlaps(Written other) {
      double slack = 0.5;
      return left + slack < other.right
          && other.left + slack < right
          && top + slack < other.bottom
          && other.top + slack < bottom;
    }
  }

  private final Document document;

  SvgFile(String svg) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("not well-formed: " + e.getMessage() + "\n" + svg, e);
    }
  }

  Element root() {
    return document.getDocumentElement();
  }

  List<Element> all(String name) {
    NodeList nodes = document.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  List<Element> ofClass(String name) {
    return all("*").stream().filter(e -> e.getAttribute("class").equals(name)).toList();
  }

  Set<String> elementNames() {
    Set<String> names = new TreeSet<>();
    all("*").forEach(e -> names.add(e.getTagName()));
    return names;
  }

  Set<String> attributeNames() {
    Set<String> names = new TreeSet<>();
    for (Element element : all("*")) {
      NamedNodeMap attributes = element.getAttributes();
      for (int i = 0; i < attributes.getLength(); i++) {
        names.add(attributes.item(i).getNodeName());
      }
    }
    return names;
  }

  /** All texts that are seen, with their places. */
  List<Written> written() {
    List<Written> written = new ArrayList<>();
    for (Element text : all("text")) {
      double size = Double.parseDouble(inherited(text, "font-size"));
      double width = TextWidth.of(text.getTextContent(), size);
      double x = Double.parseDouble(text.getAttribute("x"));
      double y = Double.parseDouble(text.getAttribute("y"));
      double left =
          switch (text.getAttribute("text-anchor")) {
            case "middle" -> x - width / 2;
            case "end" -> x - width;
            default -> x;
          };
      written.add(
          new Written(text.getTextContent(), left, y - size * 0.8, left + width, y + size * 0.2));
    }
    return written;
  }

  List<String> texts() {
    return all("text").stream().map(Element::getTextContent).toList();
  }

  double width() {
    return Double.parseDouble(root().getAttribute("width"));
  }

  double height() {
    return Double.parseDouble(root().getAttribute("height"));
  }

  private static String inherited(Element element, String attribute) {
    Element at = element;
    while (!at.hasAttribute(attribute)) {
      at = (Element) at.getParentNode();
    }
    return at.getAttribute(attribute);
  }
}
