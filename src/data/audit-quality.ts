import { at } from '../core/checks.js';
import { quantile } from '../core/statistics.js';
import { placedIn, type JoinedSets, type PlacedImage } from './audit-near.js';
import { qualitiesOf, type Quality } from './quality.js';

/** Smallest, 5 %, middle, 95 %, largest. */
export type Quantiles = readonly [number, number, number, number, number];

/** A picture with one of its figures. */
export interface MeasuredImage extends PlacedImage {
  readonly value: number;
}

/** A picture that may be no face, with the rule that says so. */
export interface SuspectImage extends PlacedImage {
  readonly rule: keyof typeof HEURISTICS;
}

/** Figures that need no model, over both splits. */
export interface QualityAudit {
  readonly brightness: Quantiles;
  readonly contrast: Quantiles;
  readonly sharpness: Quantiles;
  /** The most blurred pictures, the worst first. */
  readonly blurred: readonly MeasuredImage[];
  /** The flattest pictures that are not constant, the worst first. */
  readonly flat: readonly MeasuredImage[];
  /** What rules of thumb take for no photograph of a face: to be looked at, not to be believed. */
  readonly suspects: readonly SuspectImage[];
}

/**
 * Rules of thumb for pictures that are no photographs of faces. That a picture is unlike the average face is no such
 * rule: on FER2013 it names dark faces on bright ground.
 */
export const HEURISTICS = {
  'two-tone': 'more than 60 % of the pixels are black or white: text, signs, placeholders, line drawings',
  drawing: 'very hard edges (variance of the Laplacian above 15,000): drawings, text',
  flat: 'hardly any contrast (deviation below 12 grey levels)',
} as const;

/** How many of the worst pictures are listed. */
const WORST = 60;

/** Measures brightness, contrast and sharpness of all pictures, and names those that stand out. */
export function auditQuality(
  joined: JoinedSets,
  onProgress?: (done: number, total: number) => void,
): QualityAudit {
  const qualities = qualitiesOf(joined.set, onProgress);
  const placed = placedIn(joined);
  const worst = (figure: 'contrast' | 'sharpness') =>
    [...qualities.keys()]
      .filter((image) => at(qualities, image).contrast > 0)
      .sort((a, b) => at(qualities, a)[figure] - at(qualities, b)[figure])
      .slice(0, WORST)
      .map((image) => ({ ...placed(image), value: at(qualities, image)[figure] }));
  return {
    brightness: quantilesOf(qualities.map(({ brightness }) => brightness)),
    contrast: quantilesOf(qualities.map(({ contrast }) => contrast)),
    sharpness: quantilesOf(qualities.map(({ sharpness }) => sharpness)),
    blurred: worst('sharpness'),
    flat: worst('contrast'),
    suspects: qualities.flatMap((quality, image) => {
      const rule = suspicion(quality);
      return rule === undefined ? [] : [{ ...placed(image), rule }];
    }),
  };
}

/** Constant pictures have a list of their own. */
function suspicion({ contrast, extremes, sharpness }: Quality): SuspectImage['rule'] | undefined {
  if (contrast === 0) return undefined;
  if (extremes > 0.6) return 'two-tone';
  if (sharpness > 15000) return 'drawing';
  return contrast < 12 ? 'flat' : undefined;
}

function quantilesOf(values: readonly number[]): Quantiles {
  const [low, middle, high] = [0.05, 0.5, 0.95].map((share) => quantile(values, share));
  const [smallest, largest] = [quantile(values, 0), quantile(values, 1)];
  return [smallest, low ?? NaN, middle ?? NaN, high ?? NaN, largest];
}
