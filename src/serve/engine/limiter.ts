/** Lets tasks begin in their order while so many of them, and so much weight, are under way. */
export class Limiter {
  private count = 0;
  private weight = 0;
  private readonly queue: { readonly weight: number; readonly begin: () => void }[] = [];

  /**
   * @param maxCount tasks at the same time
   * @param maxWeight their weights together; a heavier task runs alone
   */
  constructor(
    private readonly maxCount: number,
    private readonly maxWeight = Infinity,
  ) {}

  /** Resolves when a place is free; the caller gives it back with {@link leave}. */
  enter(weight = 0): Promise<void> {
    return new Promise((resolve) => {
      this.queue.push({ weight, begin: resolve });
      this.admit();
    });
  }

  leave(weight = 0): void {
    this.count--;
    this.weight -= weight;
    this.admit();
  }

  private admit(): void {
    for (let [next] = this.queue; next !== undefined && this.fits(next.weight); [next] = this.queue) {
      this.queue.shift();
      this.count++;
      this.weight += next.weight;
      next.begin();
    }
  }

  private fits(weight: number): boolean {
    if (this.count === 0) return true;
    return this.count < this.maxCount && this.weight + weight <= this.maxWeight;
  }
}
