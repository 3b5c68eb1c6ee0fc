import { createProgress, formatDuration, type EpochRecord, type JobEvent } from '../../src/node.js';
import { WorkingLine } from './working-line.js';

/** Shows a job's events on stderr: notes and epochs stay, progress is overwritten on a terminal. */
export class Display {
  private readonly progress = createProgress(process.stderr);
  private readonly working = new WorkingLine(process.stderr);
  private header = false;

  readonly onEvent = (event: JobEvent): void => {
    if (event.kind === 'working') {
      this.working.update(event.what, event.done, event.total);
      return;
    }
    this.working.close();
    if (event.kind === 'progress') this.progress.update(event.state);
    else if (event.kind === 'note') this.progress.print(event.text);
    else this.epoch(event.record, event.best);
  };

  /** A line that stays. */
  note(text: string): void {
    this.working.close();
    this.progress.print(text);
  }

  close(): void {
    this.working.close();
    this.progress.close();
  }

  private epoch(record: EpochRecord, best: boolean): void {
    if (!this.header) {
      // Two lines, since each wipes what the progress line left behind.
      this.progress.print('');
      this.progress.print(row(COLUMNS.map(({ title }) => title)));
    }
    this.header = true;
    this.progress.print(row(COLUMNS.map((column) => column.cell(record))) + (best ? '  best' : ''));
  }
}

/** Gives `job` a display and closes it, whatever comes. */
export async function withDisplay<T>(job: (display: Display) => Promise<T>): Promise<T> {
  const display = new Display();
  try {
    return await job(display);
  } finally {
    display.close();
  }
}

interface Column {
  readonly title: string;
  cell(record: EpochRecord): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'epoch', cell: ({ epoch }) => String(epoch) },
  { title: 'stage', cell: ({ stage }) => String(stage) },
  { title: 'loss', cell: ({ loss }) => decimals(loss, 4) },
  { title: 'acc', cell: ({ accuracy }) => decimals(accuracy, 3) },
  { title: 'val loss', cell: ({ valLoss }) => decimals(valLoss, 4) },
  { title: 'val acc', cell: ({ valAccuracy }) => decimals(valAccuracy, 3) },
  { title: 'val macro', cell: ({ valMacroAccuracy }) => decimals(valMacroAccuracy, 3) },
  { title: 'lr', cell: ({ lr }) => lr.toExponential(1) },
  { title: 'time', cell: ({ seconds }) => formatDuration(seconds) },
  { title: 'img/s', cell: ({ imagesPerSecond }) => imagesPerSecond.toFixed(0) },
];

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padStart(Math.max(6, COLUMNS[i]?.title.length ?? 0))).join('  ');
}

function decimals(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}
