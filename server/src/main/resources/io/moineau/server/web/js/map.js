// The map: a row for each layer, a cell for each of its experts, on a canvas.
import { h } from "./dom.js";
import { percent, t } from "./i18n.js";
import { Heat } from "./heat.js";

const HALF_LIFE = 0.7; // seconds
const FRAME = 1000 / 30;
const HIGHEST_CELL = 26; // CSS pixels
const LEAST_TO_STRETCH = 2;
const LEAST_ROW = 3;
const STEPS = 64;

export class ExpertMap {
  element;
  #canvas = h("canvas", { id: "map", tabindex: "0", role: "img", tLabel: "map" });
  #tip = h("div", { class: "tip", hidden: true });
  #axes = h("p", { class: "axes" });
  #small = document.createElement("canvas"); // a pixel for each cell
  #heat = null;
  #perToken = 1;
  #cell = { width: 1, height: 1, gap: 0, left: 0 };
  #levels = [];
  #glows = [];
  #frame = 0;
  #drawn = 0;
  #pointed = -1;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    this.element = h("div", { class: "map" }, this.#axes, this.#canvas, this.#tip);
    new ResizeObserver(() => this.#layout()).observe(this.element);
    this.#canvas.addEventListener("pointermove", (event) => this.#point(this.#cellAt(event)));
    this.#canvas.addEventListener("pointerdown", (event) => this.#point(this.#cellAt(event)));
    this.#canvas.addEventListener("pointerleave", () => this.#point(-1));
    this.#canvas.addEventListener("blur", () => this.#point(-1));
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }

  get heat() {
    return this.#heat;
  }

  /** Begins anew with a model's layers and experts. */
  shape(layers, experts, perToken) {
    this.#heat = new Heat(layers, experts);
    this.#perToken = perToken;
    this.#small.width = experts;
    this.#small.height = layers.length;
    this.nameAxes();
    this.recolour();
    this.#layout();
  }

  nameAxes() {
    const { layers, experts } = this.#heat ?? { layers: [], experts: 0 };
    if (experts > 0) {
      this.#axes.replaceChildren(
        h("span", {}, t("axis.layers", { from: String(layers[0]), to: String(layers.at(-1)) })),
        h("span", {}, t("axis.experts", { from: "0", to: String(experts - 1) })),
      );
    }
  }

  /** Adds what the experts have done; `past` is what they did before anyone looked. */
  add(entries, past = false) {
    if (this.#heat && entries.length > 0) {
      this.#heat.add(entries, !past);
      this.#draw();
    } else if (this.#heat && past) {
      this.#draw();
    }
  }

  /** Takes the colours of the page, which the theme may have changed. */
  recolour() {
    const style = (name) => {
      const probe = h("span", { class: `probe-${name}` });
      this.element.append(probe);
      const numbers = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
      probe.remove();
      return numbers.slice(0, 3);
    };
    const [cold, warm, hot] = ["cold", "warm", "hot"].map(style);
    // From cold to warm by what was done, on to hot by what is done now. Lightness changes along
    // with the hue all the way, so that it reads without any sight of colours.
    this.#levels = ramp(cold, warm);
    this.#glows = ramp(warm, hot);
    this.#draw();
  }

  #layout() {
    if (!this.#heat) {
      return;
    }
    const scale = window.devicePixelRatio || 1;
    const room = Math.floor(this.element.clientWidth * scale);
    if (room <= 0) {
      return;
    }
    const { experts, layers } = this.#heat;
    // Cells of whole pixels where they are tiny; where a pixel more or less is not seen, all the room.
    const most = room / experts;
    const width = most >= LEAST_TO_STRETCH * scale ? most : Math.max(1, Math.floor(most));
    const height = Math.round(Math.max(LEAST_ROW * scale, Math.min(width, HIGHEST_CELL * scale)));
    const gap = width >= 4 * scale ? Math.max(1, Math.round(scale)) : 0;
    this.#cell = { width, height, gap };
    this.#canvas.width = Math.min(room, Math.round(width * experts));
    this.#canvas.height = height * layers.length;
    this.#canvas.style.width = `${this.#canvas.width / scale}px`;
    this.#canvas.style.height = `${this.#canvas.height / scale}px`;
    this.#draw();
  }

  #draw() {
    this.#frame ||= requestAnimationFrame((now) => this.#onFrame(now));
  }

  #onFrame(now) {
    this.#frame = 0;
    if (!this.#heat || !this.element.isConnected || this.element.clientWidth === 0) {
      return;
    }
    const pause = this.#still.matches ? 1000 : FRAME;
    if (now - this.#drawn < pause && this.#drawn > 0) {
      this.#again(pause - (now - this.#drawn));
      return;
    }
    const seconds = Math.min(2, (now - this.#drawn) / 1000);
    this.#drawn = now;
    this.#paint();
    if (this.#heat.fade(seconds, this.#still.matches ? 2 : HALF_LIFE)) {
      this.#draw();
    }
  }

  /** Where motion is not wanted the next picture may be a second away. */
  #again(millis) {
    if (millis < 50) {
      this.#draw();
    } else {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#draw(), millis);
    }
  }

  #paint() {
    const { width, height, gap } = this.#cell;
    const { experts, layers, glow } = this.#heat;
    const context = this.#small.getContext("2d");
    const image = context.createImageData(experts, layers.length);
    const pixels = new Uint32Array(image.data.buffer);
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] =
        glow[at] > 0
          ? this.#glows[Math.min(STEPS - 1, Math.floor(glow[at] * STEPS))]
          : this.#levels[Math.min(STEPS - 1, Math.floor(this.#heat.level(at) * STEPS))];
    }
    context.putImageData(image, 0, 0);
    const picture = this.#canvas.getContext("2d");
    picture.imageSmoothingEnabled = this.#canvas.width < experts;
    picture.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    picture.drawImage(this.#small, 0, 0, this.#canvas.width, this.#canvas.height);
    if (gap > 0) {
      for (let i = 1; i <= experts; i++) {
        picture.clearRect(Math.round(i * width) - gap, 0, gap, this.#canvas.height);
      }
      for (let y = height - gap; y < this.#canvas.height; y += height) {
        picture.clearRect(0, y, this.#canvas.width, gap);
      }
    }
    if (this.#pointed >= 0) {
      const x = Math.round((this.#pointed % experts) * width);
      const y = Math.floor(this.#pointed / experts) * height;
      picture.strokeStyle = getComputedStyle(this.#canvas).color;
      picture.lineWidth = Math.max(1, gap) * 2;
      picture.strokeRect(x, y, Math.max(width - gap, 4), Math.max(height - gap, 4));
    }
  }

  #cellAt(event) {
    if (!this.#heat) {
      return -1;
    }
    const box = this.#canvas.getBoundingClientRect();
    const { experts, layers } = this.#heat;
    const x = Math.floor(((event.clientX - box.left) / box.width) * experts);
    const y = Math.floor(((event.clientY - box.top) / box.height) * layers.length);
    return x >= 0 && x < experts && y >= 0 && y < layers.length ? y * experts + x : -1;
  }

  #onKey(event) {
    const { experts, layers } = this.#heat ?? { experts: 0, layers: [] };
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -experts, ArrowDown: experts };
    if (event.key in steps && experts > 0) {
      event.preventDefault();
      const next = this.#pointed < 0 ? 0 : this.#pointed + steps[event.key];
      if (next >= 0 && next < experts * layers.length) {
        this.#point(next);
      }
    } else if (event.key === "Escape" && this.#pointed >= 0) {
      event.stopPropagation();
      this.#point(-1);
    }
  }

  /** Tells of a cell what it is and what it has done. */
  #point(at) {
    if (at === this.#pointed && at < 0) {
      return;
    }
    this.#pointed = at;
    this.#tip.hidden = at < 0;
    if (at >= 0) {
      const { experts, layers } = this.#heat;
      this.#tip.textContent = t("cell", {
        layer: String(layers[Math.floor(at / experts)]),
        expert: String(at % experts),
        share: percent(this.#heat.share(at, this.#perToken)),
      });
      this.#canvas.setAttribute("aria-label", this.#tip.textContent);
    } else {
      this.#canvas.setAttribute("aria-label", t("map"));
    }
    this.#draw();
  }
}

/** Colours between two, as a canvas keeps them. */
function ramp(from, to) {
  return Array.from({ length: STEPS }, (_, i) => {
    const part = i / (STEPS - 1);
    const [r, g, b] = from.map((value, c) => Math.round(value + (to[c] - value) * part));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}
