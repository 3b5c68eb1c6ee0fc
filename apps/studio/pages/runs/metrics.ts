import type { EpochRecord } from '../../../../src/studio/api.js';

/** Figures that can be compared. */
export const METRICS = [
  'valAccuracy',
  'valMacroAccuracy',
  'valLoss',
  'accuracy',
  'loss',
  'lr',
  'imagesPerSecond',
] as const satisfies readonly (keyof EpochRecord)[];
export type Metric = (typeof METRICS)[number];

/** A figure over the epochs; epochs without it are left out. */
export function pointsOf(rows: readonly EpochRecord[], metric: Metric): (readonly [number, number])[] {
  return rows.flatMap((row) => {
    const value = row[metric];
    return value === null ? [] : [[row.epoch, value] as const];
  });
}
