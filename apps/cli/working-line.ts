import type { ProgressStream } from '../../src/index.js';

/** Milliseconds between two displays. */
const INTERVAL = { terminal: 100, log: 5000 } as const;

/** Shows how far something has come that is no training: one line on a terminal, a line now and then in a log. */
export class WorkingLine {
  private shown = 0;
  private what = '';
  private next = 0;

  constructor(
    private readonly stream: ProgressStream,
    private readonly now: () => number = () => performance.now(),
  ) {}

  update(what: string, done: number, total?: number): void {
    const terminal = this.stream.isTTY === true;
    const time = this.now();
    // In a log, what takes no longer than one interval is not worth a line.
    if (what !== this.what) this.next = terminal ? time : time + INTERVAL.log;
    this.what = what;
    if (time < this.next) return;
    this.next = time + (terminal ? INTERVAL.terminal : INTERVAL.log);
    const line = total === undefined ? `${what} ${done}` : `${what} ${done}/${total}`;
    this.stream.write(terminal ? `\r${line.padEnd(this.shown)}` : `${line}\n`);
    if (terminal) this.shown = line.length;
  }

  /** Wipes the line. */
  close(): void {
    if (this.shown > 0) this.stream.write(`\r${' '.repeat(this.shown)}\r`);
    this.shown = 0;
  }
}
