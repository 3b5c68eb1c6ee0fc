/** Lends byte arrays and takes them back, so that a stream of frames makes no garbage. */
export class BufferPool {
  private readonly free: Uint8Array[] = [];

  /** @param most arrays that are kept; more come back than that when a stream slows down */
  constructor(private readonly most: number) {}

  /** An array of exactly `length` bytes with any content. */
  lend(length: number): Uint8Array {
    const kept = this.free.pop();
    // After a change of size no kept array fits: they leave one by one.
    return kept?.length === length ? kept : new Uint8Array(length);
  }

  giveBack(bytes: Uint8Array): void {
    if (this.free.length < this.most) this.free.push(bytes);
  }
}
