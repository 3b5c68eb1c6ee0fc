/** Times of one stage, in milliseconds. */
export interface StageTimes {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Smallest time that is told apart, milliseconds. */
const LOWEST = 1e-3;
/** Each bin is so much wider than the one before: quantiles are right to one percent. */
const GROWTH = 1.02;
/** Up to 1000 seconds. */
const BINS = Math.ceil(Math.log(1e6 / LOWEST) / Math.log(GROWTH)) + 1;

/** Quantiles of any number of times in constant memory. */
export class TimeHistogram {
  private readonly bins = new Uint32Array(BINS);
  private count = 0;
  private sum = 0;
  private max = 0;

  /** @param milliseconds not negative */
  add(milliseconds: number): void {
    const bin = Math.ceil(Math.log(Math.max(LOWEST, milliseconds) / LOWEST) / Math.log(GROWTH));
    const index = Math.min(BINS - 1, bin);
    this.bins[index] = (this.bins[index] ?? 0) + 1;
    this.count++;
    this.sum += milliseconds;
    this.max = Math.max(this.max, milliseconds);
  }

  /** Zeros when nothing was added. */
  times(): StageTimes {
    const { count, max } = this;
    const mean = count === 0 ? 0 : this.sum / count;
    return { count, mean, p50: this.quantile(0.5), p95: this.quantile(0.95), max };
  }

  /** Nearest rank, the middle of its bin. */
  private quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.bins[bin] ?? 0;
      if (seen >= rank) return Math.min(this.max, LOWEST * GROWTH ** (bin - 0.5));
    }
    return 0;
  }
}
