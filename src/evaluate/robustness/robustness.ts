import { computeMetrics, type Interval, type Metrics } from '../metrics.js';
import { csvLine } from '../predictions.js';
import type { Scores } from '../scores.js';
import { alignTable, groupDigits } from '../table.js';

/** Figures of one set of answers; rates in [0, 1]. */
export interface RobustnessFigures {
  readonly accuracy: number;
  /** 95 % Wilson interval of `accuracy`. */
  readonly interval: Interval;
  readonly macroAccuracy: number;
  /** Expected calibration error. */
  readonly ece: number;
}

/** Figures at one severity. */
export interface RobustnessPoint extends RobustnessFigures {
  /** In the unit of the perturbation; null: pictures as they are. */
  readonly value: number | null;
  readonly label: string;
}

/** One way to change pictures, in steps from one end to the other. */
export interface RobustnessCurve {
  readonly name: string;
  /** Name and unit. */
  readonly title: string;
  readonly points: readonly RobustnessPoint[];
}

/** The content of `robustness.json`. */
export interface Robustness {
  readonly version: 1;
  readonly split: string;
  readonly average: 'none' | 'flip' | 'five-crop';
  /** Seed of what is drawn for each picture. */
  readonly seed: number;
  readonly n: number;
  readonly classes: readonly string[];
  /** Share of the commonest class: what the same answer for every picture reaches. */
  readonly commonest: number;
  /** Pictures as they are. */
  readonly clean: RobustnessFigures;
  readonly curves: readonly RobustnessCurve[];
}

/** What of an evaluation a robustness curve shows. */
export function robustnessFigures(scores: Scores): RobustnessFigures {
  const { accuracy, interval, macroAccuracy, ece } = computeMetrics(scores);
  return { accuracy, interval, macroAccuracy, ece };
}

/** Share of the class that has most images. */
export function commonestShare({ perClass, n }: Pick<Metrics, 'perClass' | 'n'>): number {
  return Math.max(...Object.values(perClass).map((one) => one.n)) / n;
}

/** The curves as a table for a terminal: a block for each perturbation. */
export function formatRobustness({ split, n, seed, curves }: Robustness): string {
  const blocks = curves.map(({ title, points }) => {
    const rows = points.map(({ label, accuracy, interval, macroAccuracy, ece }) => [
      label,
      accuracy.toFixed(4),
      `95 %: ${interval.map((bound) => bound.toFixed(3)).join(' to ')}`,
      macroAccuracy.toFixed(4),
      ece.toFixed(4),
    ]);
    return alignTable([[title, 'accuracy', 'interval', 'macro', 'calibration error'], ...rows]).join('\n');
  });
  const heading = `Robustness on "${split}": ${groupDigits(n)} images, seed ${seed}`;
  return `${[heading, ...blocks].join('\n\n')}\n`;
}

/** A row for each severity: `perturbation,severity,value,accuracy,lo,hi,macroAccuracy,ece`; no value: as it is. */
export function formatRobustnessCsv({ curves }: Robustness): string {
  const head = ['perturbation', 'severity', 'value', 'accuracy', 'lo', 'hi', 'macroAccuracy', 'ece'];
  const rows = curves.flatMap(({ name, points }) =>
    points.map(({ label, value, accuracy, interval, macroAccuracy, ece }) => {
      const figures = [accuracy, ...interval, macroAccuracy, ece];
      return csvLine([name, label, value === null ? '' : String(value), ...figures.map(digits)]);
    }),
  );
  return csvLine(head) + rows.join('');
}

function digits(figure: number): string {
  return String(Number(figure.toPrecision(7)));
}
