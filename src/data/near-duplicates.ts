import { at, checkNumber } from '../core/checks.js';
import { constantImages, groupsOf } from './duplicates.js';
import { type ImageSet, imageCount } from './images.js';
import { searchNear } from './near-search.js';
import { perceptualHashes, spectrumOf } from './perceptual-hash.js';
import { brightnessOf, meanAndDeviation } from './quality.js';

/** How alike two pictures must be to count as one. */
export interface NearOptions {
  /** Most bits of 63 in which their perceptual hashes may differ; default 9. */
  readonly radius?: number;
  /** Least correlation of their pixels, in [-1, 1]; default 0.9. Brightness and contrast do not change it. */
  readonly correlation?: number;
  /** The same for mirror images, which meet by chance more often: faces are symmetric; default 0.95. */
  readonly mirroredCorrelation?: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** Two different pictures of the same thing: another crop, brightness, watermark or compression. */
export interface NearPair {
  /** Indices into the set, `first < second`. */
  readonly first: number;
  readonly second: number;
  /** Of their pixels, in [-1, 1]. */
  readonly correlation: number;
  /** Whether one is like the other's mirror image. */
  readonly mirrored: boolean;
}

/**
 * Near duplicates: pairs of different pictures whose perceptual hashes differ in a few bits and whose pixels
 * correlate. Of exact copies only the first takes part, constant pictures do not.
 *
 * @throws InputError when an option is out of range
 * @example nearPairs(images).filter(({ correlation }) => correlation > 0.95);
 */
export function nearPairs(set: ImageSet, options: NearOptions = {}): NearPair[] {
  const { radius = 9, correlation = 0.9, mirroredCorrelation = 0.95, onProgress } = options;
  for (const least of [correlation, mirroredCorrelation]) {
    checkNumber('near duplicates: correlation', least, -1, 1);
  }
  const skip = new Set([...constantImages(set), ...laterCopies(groupsOf(set))]);
  const spectrum = spectrumOf(set, (done, total) => onProgress?.('hashing pictures', done, total));
  const index = perceptualHashes(spectrum);
  const pixels = new Standardized(set);
  const pairs: NearPair[] = [];
  for (const flip of [false, true]) {
    const least = flip ? mirroredCorrelation : correlation;
    const queries = flip ? perceptualHashes(spectrum, true) : index;
    const what = flip ? 'looking for mirrored near copies' : 'looking for near copies';
    const report = (done: number, total: number) => onProgress?.(what, done, total);
    searchNear(index, queries, { radius, skip, onProgress: report }, (first, second) => {
      const found = pixels.correlation(first, second, flip);
      if (found >= least) pairs.push({ first, second, correlation: found, mirrored: flip });
    });
  }
  return pairs;
}

/**
 * Group number of each image, as {@link groupsOf}, but near duplicates share one too; whoever resembles a member
 * belongs to the group.
 *
 * @param pairs those of {@link nearPairs}, where they are known already
 */
export function nearGroupsOf(set: ImageSet, pairs: readonly NearPair[] = nearPairs(set)): Int32Array {
  const exact = groupsOf(set);
  const parent = Int32Array.from({ length: imageCount(set) }, (_, i) => i);
  const rootOf = (group: number): number => {
    let root = group;
    while (at(parent, root) !== root) root = at(parent, root);
    for (let next = group; at(parent, next) !== root;) [next, parent[next]] = [at(parent, next), root];
    return root;
  };
  for (const { first, second } of pairs) {
    parent[rootOf(at(exact, second))] = rootOf(at(exact, first));
  }
  const numbers = new Map<number, number>();
  return exact.map((group) => {
    const root = rootOf(group);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

/** Members beyond the first of each group. */
function laterCopies(groups: Int32Array): number[] {
  const seen = new Set<number>();
  return [...groups.keys()].filter((image) => {
    const group = at(groups, image);
    const later = seen.has(group);
    seen.add(group);
    return later;
  });
}

/** Pictures brought to mean 0 and deviation 1, made when first asked for. */
class Standardized {
  private readonly known = new Map<number, Float32Array>();

  constructor(private readonly set: ImageSet) {}

  /** Pearson's correlation of the pixels of two pictures, the second one mirrored if so wished. */
  correlation(first: number, second: number, mirrored: boolean): number {
    const [a, b] = [this.of(first), this.of(second)];
    const { width } = this.set;
    let sum = 0;
    for (let i = 0; i < a.length; i++) {
      const x = i % width;
      sum += (a[i] ?? 0) * (b[mirrored ? i - x + width - 1 - x : i] ?? 0);
    }
    return sum / a.length;
  }

  private of(image: number): Float32Array {
    const known = this.known.get(image);
    if (known !== undefined) return known;
    const grey = brightnessOf(this.set, image);
    const [mean, deviation] = meanAndDeviation(grey);
    const made = grey.map((value) => (value - mean) / (deviation === 0 ? 1 : deviation));
    this.known.set(image, made);
    return made;
  }
}
