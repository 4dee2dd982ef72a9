// How warm each expert is: a glow for what it does now, and its share of all it has done.

export class Heat {
  /** `layers`: the block numbers of the rows. */
  constructor(layers, experts) {
    this.layers = layers;
    this.experts = experts;
    this.rows = new Map(layers.map((layer, row) => [layer, row]));
    this.glow = new Float32Array(layers.length * experts);
    this.total = new Float64Array(layers.length * experts);
    this.perLayer = new Float64Array(layers.length);
  }

  /** The place of an expert, or -1. */
  index(layer, expert) {
    const row = this.rows.get(layer);
    return row === undefined || !(expert >= 0 && expert < this.experts) ? -1 : row * this.experts + expert;
  }

  /** Adds [layer, expert, tokens], of which the busiest of its layer glows the most. */
  add(entries, glowing = true) {
    const most = new Map();
    for (const [layer, , tokens] of entries) {
      most.set(layer, Math.max(tokens, most.get(layer) ?? 1));
    }
    for (const [layer, expert, tokens] of entries) {
      const at = this.index(layer, expert);
      if (at >= 0) {
        this.total[at] += tokens;
        this.perLayer[this.rows.get(layer)] += tokens;
        if (glowing) {
          this.glow[at] = Math.max(this.glow[at], 0.12 + 0.88 * (tokens / most.get(layer)));
        }
      }
    }
  }

  /** Lets the glow fade; gives whether any is left. */
  fade(seconds, halfLife) {
    const factor = 0.5 ** (seconds / halfLife);
    let any = false;
    for (let i = 0; i < this.glow.length; i++) {
      const value = this.glow[i] * factor;
      this.glow[i] = value < 0.01 ? 0 : value;
      any ||= value >= 0.01;
    }
    return any;
  }

  /** The part of a layer's tokens that went to an expert; `perToken` experts take each token. */
  share(at, perToken) {
    const all = this.perLayer[Math.floor(at / this.experts)];
    return all > 0 ? Math.min(1, (this.total[at] * perToken) / all) : 0;
  }

  /** From 0, never used, over 0.5, used as much as the mean of its layer, to 1. */
  level(at) {
    const mean = this.perLayer[Math.floor(at / this.experts)] / this.experts;
    if (!(mean > 0) || this.total[at] === 0) {
      return 0;
    }
    const ratio = this.total[at] / mean;
    return ratio / (1 + ratio);
  }

  /** The most used experts, the first first. */
  top(count) {
    const places = Array.from(this.total.keys()).filter((at) => this.total[at] > 0);
    return places
      .sort((a, b) => this.total[b] - this.total[a])
      .slice(0, count)
      .map((at) => ({ at, layer: this.layers[Math.floor(at / this.experts)], expert: at % this.experts, tokens: this.total[at] }));
  }
}
