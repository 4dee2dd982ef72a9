// The sparrow.
const SVG = "http://www.w3.org/2000/svg";

/** The mark in the accent colour. */
export function mark(size) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  const paths = [
    // body and head, from the beak over the back to the tail
    ["body", "M10 25.5l7-4.2C18.6 14.5 24 11 29.5 11c7 0 11.5 4.8 13 10.5L60 36.5l-12.5 1.2C45.5 45.5 39.5 50 32.5 50 22 50 16 42 16.5 30.5z"],
    ["wing", "M27.5 29.5c7.5-.8 14.5 1.5 20 8.2-7.5 5-16.5 3.5-20-8.2z"],
    ["eye", "M25.8 20.6a1.9 1.9 0 1 1 .001 0z"],
    ["legs", "M30 50v5.5M36 49.5v6"],
  ];
  for (const [name, d] of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
