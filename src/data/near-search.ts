import { at } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { differingBits, type Hashes } from './perceptual-hash.js';

/** Parts into which a hash is cut; each has 16 bits. */
const BANDS = 4;
/** Values of such a part. */
const PARTS = 1 << 16;
/** Largest radius; beyond it a table would be asked more often than there are pictures. */
const LARGEST = 11;
const REPORT = 500;

/** What {@link searchNear} reports. */
export interface NearSearch {
  /** Most bits in which two hashes may differ, 0..11. */
  readonly radius: number;
  /** Pictures of the index that need not be found, e.g. constant ones. */
  readonly skip?: ReadonlySet<number>;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Finds every pair `query < found` whose hashes differ in at most `radius` bits, without comparing all with all:
 * where two hashes differ in few bits, one of their four parts differs in at most a quarter of these, so that looking
 * up each part with so few bits changed finds all of them (multi-index hashing: Norouzi, Punjani, Fleet, "Fast Exact
 * Search in Hamming Space with Multi-Index Hashing", 2014).
 *
 * @param index hashes that are searched
 * @param queries hashes of the same pictures in the same order, e.g. those of their mirror images
 * @param visit called once for each pair
 * @throws InputError when the radius is out of range
 */
export function searchNear(
  index: Hashes,
  queries: Hashes,
  { radius, skip = new Set(), onProgress }: NearSearch,
  visit: (query: number, found: number) => void,
): void {
  if (!Number.isInteger(radius) || radius < 0 || radius > LARGEST) {
    const expected = `a whole number of bits from 0 to ${LARGEST}`;
    throw new InputError({ where: 'near duplicates: radius', received: String(radius), expected });
  }
  const images = index.length / 2;
  const tables = Array.from({ length: BANDS }, (_, band) => tableOf(index, band, skip));
  const changes = changesOf(Math.floor(radius / BANDS));
  // Which query met a picture last: each pair is visited once, though several parts may find it.
  const met = new Int32Array(images).fill(-1);
  for (let query = 0; query < images; query++) {
    if (query % REPORT === 0) onProgress?.(query, images);
    if (skip.has(query)) continue;
    for (let band = 0; band < BANDS; band++) {
      const part = partOf(queries, query, band);
      for (const change of changes) {
        const { offsets, images: listed } = at(tables, band);
        const [from, to] = [offsets[part ^ change] ?? 0, offsets[(part ^ change) + 1] ?? 0];
        for (let place = from; place < to; place++) {
          const found = listed[place] ?? 0;
          if (found <= query || met[found] === query) continue;
          met[found] = query;
          if (distance(queries, query, index, found) <= radius) visit(query, found);
        }
      }
    }
  }
}

/** Bits in which the hashes of two pictures differ. */
function distance(a: Hashes, i: number, b: Hashes, j: number): number {
  return differingBits(a[2 * i] ?? 0, b[2 * j] ?? 0) + differingBits(a[2 * i + 1] ?? 0, b[2 * j + 1] ?? 0);
}

function partOf(hashes: Hashes, image: number, band: number): number {
  return ((hashes[2 * image + (band >> 1)] ?? 0) >>> (16 * (band & 1))) & 0xffff;
}

/** Pictures sorted by one part of their hash: those of part p stand in places `offsets[p]` to `offsets[p + 1]`. */
interface Table {
  readonly offsets: Int32Array;
  readonly images: Int32Array;
}

function tableOf(index: Hashes, band: number, skip: ReadonlySet<number>): Table {
  const kept = Array.from({ length: index.length / 2 }, (_, image) => image).filter((i) => !skip.has(i));
  const offsets = new Int32Array(PARTS + 1);
  for (const image of kept)
    offsets[partOf(index, image, band) + 1] = at(offsets, partOf(index, image, band) + 1) + 1;
  for (let part = 0; part < PARTS; part++) offsets[part + 1] = at(offsets, part + 1) + at(offsets, part);
  const next = offsets.slice();
  const images = new Int32Array(kept.length);
  for (const image of kept) {
    const part = partOf(index, image, band);
    images[at(next, part)] = image;
    next[part] = at(next, part) + 1;
  }
  return { offsets, images };
}

/** Every pattern of at most `bits` ones in 16 places. */
function changesOf(bits: number): number[] {
  return Array.from({ length: PARTS }, (_, pattern) => pattern).filter(
    (pattern) => differingBits(pattern, 0) <= bits,
  );
}
