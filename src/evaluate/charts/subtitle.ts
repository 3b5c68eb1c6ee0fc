import type { Evaluation } from '../evaluation.js';
import { groupDigits } from '../table.js';

/** The line below a chart's title: split, images, accuracy with its interval, flip averaging. */
export function subtitleOf(evaluation: Evaluation): string {
  const { split, n, accuracy, average } = evaluation;
  const [lo, hi] = evaluation.interval.map((bound) => bound.toFixed(3));
  const parts = [
    split,
    `${groupDigits(n)} ${n === 1 ? 'image' : 'images'}`,
    `accuracy ${accuracy.toFixed(3)} (95 %: ${lo ?? ''} to ${hi ?? ''})`,
    `macro ${evaluation.macroAccuracy.toFixed(3)}`,
    ...(average === 'none' ? [] : [`${average} averaging`]),
  ];
  return parts.join('  ·  ');
}
