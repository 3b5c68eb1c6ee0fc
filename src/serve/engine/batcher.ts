/** Options of {@link Batcher}. */
export interface BatcherOptions<Item, Answer> {
  /** Most items in one run. */
  readonly maxBatch: number;
  /** Longest that an item waits for company, in milliseconds. */
  readonly maxWait: number;
  /** Whether more items are on their way: without any, nothing is gained by waiting. */
  readonly moreComing: () => boolean;
  /** Answers in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects items that come one by one and runs them together.
 *
 * A run starts when the batch is full, when nothing more is on its way, or when the oldest item has waited long
 * enough. While a run is under way the next batch gathers, so that batches grow with the load by themselves.
 *
 * @example
 * const batcher = new Batcher({ maxBatch: 32, maxWait: 5, moreComing: () => decoding > 0, run });
 * const answer = await batcher.add(face);
 */
export class Batcher<Item, Answer> {
  private waiting: Waiting<Item, Answer>[] = [];
  private running = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatcherOptions<Item, Answer>) {}

  /** Resolves with the item's answer; rejects when its run fails. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, since: performance.now(), resolve, reject });
      this.consider();
    });
  }

  /** Looks again whether a run should start; for when `moreComing` has changed. */
  consider(): void {
    clearTimeout(this.timer);
    const [oldest] = this.waiting;
    if (this.running || oldest === undefined) return;
    const { maxBatch, maxWait, moreComing } = this.options;
    const left = maxWait - (performance.now() - oldest.since);
    if (this.waiting.length >= maxBatch || left <= 0 || !moreComing()) this.start();
    else this.timer = setTimeout(() => this.consider(), left);
  }

  /** Begins in the next turn of the event loop: requests that have arrived already come along. */
  private start(): void {
    this.running = true;
    setImmediate(() => {
      const batch = this.waiting.splice(0, this.options.maxBatch);
      void this.finish(batch).then(() => {
        this.running = false;
        this.consider();
      });
    });
  }

  private async finish(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => resolve(answers[i] as Answer));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
