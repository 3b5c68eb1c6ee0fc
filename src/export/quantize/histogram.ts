/** Bins on each side of zero. */
const HALF = 4096;

/**
 * Counts of values in bins of equal width around zero. A value beyond the last bin makes the bins twice as wide, pair by
 * pair, so that any number of values is counted in one pass and in fixed memory.
 */
export class Histogram {
  /** Smallest and largest value seen. */
  min = Infinity;
  max = -Infinity;
  /** Bin i covers `[(i − HALF) · width, (i + 1 − HALF) · width)`. */
  counts = new Float64Array(2 * HALF);
  /** A power of two. */
  width = 2 ** -20;

  /** Counts every `stride`-th of the values from `start` on, up to `end`. */
  add(values: Float32Array, start = 0, end = values.length, stride = 1): void {
    this.spread(values, start, end);
    const { counts, width } = this;
    const factor = 1 / width;
    for (let i = start; i < end; i += stride) {
      const bin = Math.floor((values[i] ?? 0) * factor) + HALF;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  /** Adds what another histogram counted. */
  merge(other: Histogram): void {
    this.see(other.min, other.max);
    while (this.width < other.width) this.widen();
    const ratio = this.width / other.width;
    other.counts.forEach((count, i) => {
      const bin = Math.floor((i - HALF) / ratio) + HALF;
      if (count > 0) this.counts[bin] = (this.counts[bin] ?? 0) + count;
    });
  }

  /** Middle of a bin. */
  centre(bin: number): number {
    return (bin - HALF + 0.5) * this.width;
  }

  /** First and last bin that hold anything. */
  get span(): readonly [number, number] {
    const first = this.counts.findIndex((count) => count > 0);
    return [
      Math.max(0, first),
      Math.max(
        0,
        this.counts.findLastIndex((count) => count > 0),
      ),
    ];
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  private spread(values: Float32Array, start: number, end: number): void {
    let [low, high] = [this.min, this.max];
    for (let i = start; i < end; i++) {
      const value = values[i] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.see(low, high);
  }

  private see(low: number, high: number): void {
    this.min = Math.min(this.min, low);
    this.max = Math.max(this.max, high);
    const reach = Math.max(-this.min, this.max);
    while (Number.isFinite(reach) && reach >= HALF * this.width) this.widen();
  }

  private widen(): void {
    const { counts } = this;
    const wide = new Float64Array(2 * HALF);
    for (let i = 0; i < counts.length; i++) {
      const bin = Math.floor((i - HALF) / 2) + HALF;
      wide[bin] = (wide[bin] ?? 0) + (counts[i] ?? 0);
    }
    this.counts = wide;
    this.width *= 2;
  }
}
