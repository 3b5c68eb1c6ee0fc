import type { ProgressStream } from '../../src/index.js';

/** Milliseconds between two displays. */
const INTERVAL = { terminal: 100, log: 5000 } as const;

/** Shows how far something has come that is no training: one line on a terminal, a line now and then in a log. */
export class WorkingLine {
  private shown = 0;
  private next: number;

  constructor(
    private readonly stream: ProgressStream,
    private readonly now: () => number = () => performance.now(),
  ) {
    // What takes no longer than this is not worth a line of a log.
    this.next = stream.isTTY === true ? -Infinity : now() + INTERVAL.log;
  }

  update(what: string, done: number, total: number): void {
    const terminal = this.stream.isTTY === true;
    const time = this.now();
    if (time < this.next) return;
    this.next = time + (terminal ? INTERVAL.terminal : INTERVAL.log);
    const line = `${what} ${done}/${total}`;
    this.stream.write(terminal ? `\r${line.padEnd(this.shown)}` : `${line}\n`);
    if (terminal) this.shown = line.length;
  }

  /** Wipes the line. */
  close(): void {
    if (this.shown > 0) this.stream.write(`\r${' '.repeat(this.shown)}\r`);
    this.shown = 0;
  }
}
