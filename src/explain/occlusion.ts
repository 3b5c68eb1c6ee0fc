import { InputError } from '../core/errors.js';
import type { Classifier } from '../predict/classifier-interface.js';
import type { HeatMap } from './heat-map.js';

/** Options of {@link occlusionMap}. */
export interface OcclusionOptions {
  /** [C, h, w] of the picture. */
  readonly pictureShape: readonly [number, number, number];
  /** Position of the class. */
  readonly target: number;
  /** Number of classes. */
  readonly classes: number;
  /** Side of the patch in pixels; default a quarter of the shorter side. */
  readonly patch?: number;
  /** Pixels between two patches; default a third of the patch. */
  readonly stride?: number;
}

/**
 * Where a picture must be seen for an answer: a patch of the picture's mean colour covers one place after another, and the
 * drop of the class's probability is averaged over the patches at each pixel (Zeiler & Fergus, ECCV 2014, section 4.2).
 *
 * @param picture `[C, h, w]`, pixels 0..255
 * @returns a map of the picture's size, its largest value 1 unless no patch lowers the probability
 * @throws InputError for a patch that is larger than the picture
 * @example
 * const map = await occlusionMap(classifier, planes, { pictureShape: [1, 48, 48], target: 2, classes: 5 });
 */
export async function occlusionMap(
  classifier: Classifier,
  picture: Float32Array,
  options: OcclusionOptions,
): Promise<HeatMap> {
  const { pictureShape, target, classes } = options;
  const [, height, width] = pictureShape;
  const patch = options.patch ?? Math.max(1, Math.round(Math.min(height, width) / 4));
  const stride = options.stride ?? Math.max(1, Math.round(patch / 3));
  if (patch < 1 || patch > Math.min(height, width) || stride < 1) throw wrongPatch(patch, stride);
  const places = placesOf(height, width, patch, stride);
  const covered = places.map((place) => () => cover(picture, pictureShape, place, patch));
  const [whole = 0, ...rest] = await answers(classifier, [() => picture, ...covered], target, classes);
  const drops = rest.map((probability) => whole - probability);
  return averaged(places, drops, patch, { width, height });
}

type Place = readonly [top: number, left: number];

/** Every place of a grid, the last row and column at the edge. */
function placesOf(height: number, width: number, patch: number, stride: number): Place[] {
  const along = (length: number) => {
    const last = length - patch;
    const steps = Array.from({ length: Math.floor(last / stride) + 1 }, (_, i) => i * stride);
    return steps.at(-1) === last ? steps : [...steps, last];
  };
  return along(height).flatMap((top) => along(width).map((left) => [top, left] as const));
}

function cover(
  picture: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  [top, left]: Place,
  patch: number,
): Float32Array {
  const covered = picture.slice();
  for (let c = 0; c < channels; c++) {
    const plane = covered.subarray(c * height * width, (c + 1) * height * width);
    const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    for (let row = top; row < top + patch; row++)
      plane.fill(mean, row * width + left, row * width + left + patch);
  }
  return covered;
}

/** Probabilities of one class, a batch at a time; the last batch is filled up with empty pictures. */
async function answers(
  classifier: Classifier,
  pictures: readonly (() => Float32Array)[],
  target: number,
  classes: number,
): Promise<number[]> {
  const { batchSize } = classifier;
  const found: number[] = [];
  for (let first = 0; first < pictures.length; first += batchSize) {
    const made = pictures.slice(first, first + batchSize).map((make) => make());
    const size = made[0]?.length ?? 0;
    const batch = new Float32Array(batchSize * size);
    made.forEach((picture, i) => batch.set(picture, i * size));
    const rows = await classifier.probabilities(batch);
    found.push(...made.map((_, i) => rows[i * classes + target] ?? 0));
  }
  return found;
}

/** The mean drop at each pixel, negative ones as 0, divided by the largest. */
function averaged(
  places: readonly Place[],
  drops: readonly number[],
  patch: number,
  { width, height }: { readonly width: number; readonly height: number },
): HeatMap {
  const sums = new Float32Array(width * height);
  const counts = new Float32Array(width * height);
  places.forEach(([top, left], i) => {
    for (let row = top; row < top + patch; row++)
      for (let at = row * width + left; at < row * width + left + patch; at++) {
        sums[at] = (sums[at] ?? 0) + (drops[i] ?? 0);
        counts[at] = (counts[at] ?? 0) + 1;
      }
  });
  const means = sums.map((sum, i) => Math.max(0, sum / Math.max(1, counts[i] ?? 0)));
  const most = means.reduce((most, value) => Math.max(most, value), 0);
  return { width, height, values: means.map((value) => (most > 0 ? value / most : 0)) };
}

function wrongPatch(patch: number, stride: number): InputError {
  return new InputError({
    where: 'occlusion',
    received: `a patch of ${patch} and a stride of ${stride} pixels`,
    expected: 'a patch within the picture and a stride of at least 1',
  });
}
