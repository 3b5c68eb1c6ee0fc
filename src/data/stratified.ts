import { at } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';

/** What {@link stratifiedSample} draws from. */
export interface StratifiedOptions {
  /** Images that may be drawn. */
  readonly candidates: readonly number[];
  /** Label number of every image, 0 to `classes` − 1. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  readonly count: number;
  readonly seed: number;
}

/**
 * Draws images without repetition so that each class has its share of the candidates, by largest remainders, and at
 * least one; in random order, so that every stretch of the result is mixed. The same seed draws the same images.
 *
 * @throws InputError when there are fewer candidates than asked for
 * @throws RangeError when a candidate has no label, or one outside the classes
 * @example
 * const chosen = stratifiedSample({ candidates: train, labels, classes: 5, count: 1024, seed: 42 });
 */
export function stratifiedSample(options: StratifiedOptions): number[] {
  const { candidates, labels, classes, count, seed } = options;
  if (count > candidates.length) {
    const received = `${candidates.length} images to draw from`;
    throw new InputError({ where: 'sample', received, expected: `at least ${count}` });
  }
  const random = createRandom(seed).fork('stratified');
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const image of candidates) at(members, at(labels, image, 'label'), 'class').push(image);
  const shares = sharesOf(
    members.map(({ length }) => length),
    count,
  );
  const drawn = members.flatMap((images, label) =>
    random.fork('class', label).shuffle(images).slice(0, shares[label]),
  );
  return random.fork('order').shuffle(drawn);
}

/**
 * Whole shares that sum to `count`: in proportion to the sizes, rounded down, at least one where a class has images
 * and there are places for all, the rest to the largest remainders.
 */
export function sharesOf(sizes: readonly number[], count: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === 0) return sizes.map(() => 0);
  const present = sizes.filter((size) => size > 0).length;
  const least = count >= present ? 1 : 0;
  const exact = sizes.map((size) => (size * count) / total);
  const shares = exact.map((share, i) => ((sizes[i] ?? 0) > 0 ? Math.max(least, Math.floor(share)) : 0));
  const missing = () => count - shares.reduce((sum, share) => sum + share, 0);
  const remainder = (i: number) => (exact[i] ?? 0) - (shares[i] ?? 0);
  const pick = (fits: (i: number) => boolean, better: (a: number, b: number) => boolean) =>
    [...sizes.keys()].filter(fits).reduce((best, i) => (best < 0 || better(i, best) ? i : best), -1);
  while (missing() > 0) {
    const next = pick(
      (i) => (shares[i] ?? 0) < (sizes[i] ?? 0),
      (a, b) => remainder(a) > remainder(b),
    );
    shares[next] = (shares[next] ?? 0) + 1;
  }
  while (missing() < 0) {
    const next = pick(
      (i) => (shares[i] ?? 0) > least,
      (a, b) => remainder(a) < remainder(b),
    );
    shares[next] = (shares[next] ?? 0) - 1;
  }
  return shares;
}
