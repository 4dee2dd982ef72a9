package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds room for names beside points: each takes the first free place around its point, and one
 * that has none is left out (it is still told where the pointer rests on the point).
 */
final class Labels {
  static final double SIZE = 11;
  private static final double HEIGHT = 14;
  private static final double GAP = 7;

  /** A rectangle. */
  record Box(double left, double top, double width, double height) {
    boolean overlaps(Box other) {
      return left < other.left + other.width
          && other.left < left + width
          && top < other.top + other.height
          && other.top < top + height;
    }

    boolean isInside(Box other) {
      return left >= other.left
          && top >= other.top
          && left + width <= other.left + other.width
          && top + height <= other.top + other.height;
    }
  }

  private final Box area;
  private final List<Box> taken = new ArrayList<>();

  Labels(Box area) {
    this.area = area;
  }

  /** Nothing is written over this. */
  void take(double left, double top, double width, double height) {
    taken.add(new Box(left, top, width, height));
  }

  /** Nothing is written over this point. */
  void takePoint(double x, double y) {
    take(x - 4, y - 4, 8, 8);
  }

  /** A place for a text beside a point; its top left corner. */
  Optional<Box> beside(String text, double x, double y) {
    double width = TextWidth.of(text, SIZE);
    double above = y - HEIGHT - GAP + 2;
    double below = y + GAP - 2;
    double middle = y - HEIGHT / 2;
    double[][] corners = {
      {x + GAP, middle},
      {x - GAP - width, middle},
      {x - width / 2, above},
      {x - width / 2, below},
      {x + GAP, above},
      {x - GAP - width, above},
      {x + GAP, below},
      {x - GAP - width, below}
    };
    for (double[] corner : corners) {
      Optional<Box> free = at(corner[0], corner[1], width);
      if (free.isPresent()) {
        return free;
      }
    }
    return Optional.empty();
  }

  /** A place for a text on a horizontal line, from its right end on, above or below it. */
  Optional<Box> alongHorizontal(String text, double y) {
    double width = TextWidth.of(text, SIZE);
    for (double right = area.left + area.width - 4; right - width > area.left; right -= 24) {
      Optional<Box> free = at(right - width, y - HEIGHT - 1, width);
      free = free.isPresent() ? free : at(right - width, y + 1, width);
      if (free.isPresent()) {
        return free;
      }
    }
    return Optional.empty();
  }

  /** A place for a text beside a vertical line, from its upper end on. */
  Optional<Box> alongVertical(String text, double x) {
    double width = TextWidth.of(text, SIZE);
    for (double top = area.top + 2; top + HEIGHT < area.top + area.height; top += HEIGHT) {
      Optional<Box> free = at(x + 4, top, width);
      free = free.isPresent() ? free : at(x - 4 - width, top, width);
      if (free.isPresent()) {
        return free;
      }
    }
    return Optional.empty();
  }

  private Optional<Box> at(double left, double top, double width) {
    Box box = new Box(left, top, width, HEIGHT);
    if (!box.isInside(area) || taken.stream().anyMatch(box::overlaps)) {
      return Optional.empty();
    }
    taken.add(box);
    return Optional.of(box);
  }

  /** Where the letters stand in a place. */
  static double baseline(Box place) {
    return place.top + 11;
  }
}
