import { hex, type Checksum } from './checksum.js';
import { Lanes, SECRET_VIEW, STRIPE, STRIPES_PER_BLOCK } from './xxh3-lanes.js';
import { LONGEST_SHORT, shortHash } from './xxh3-short.js';

const BLOCK = STRIPE * STRIPES_PER_BLOCK;

/**
 * XXH3 with 64 bits of output and seed 0 (Yann Collet's xxHash 0.8, doc/xxhash_spec.md).
 *
 * Up to 240 bytes have formulas of their own; longer inputs run through eight 64-bit lanes in blocks of
 * 1,024 bytes. A block is mixed in only when more follows, since the last one ends differently.
 */
export function xxh3(): Checksum {
  const lanes = new Lanes();
  const pending = new Uint8Array(STRIPE + BLOCK);
  let filled = 0;
  let total = 0;
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (filled === BLOCK) {
          lanes.block(pending.subarray(STRIPE));
          // The last stripe of all may reach back into the block before.
          pending.copyWithin(0, BLOCK, BLOCK + STRIPE);
          filled = 0;
        }
        const piece = bytes.subarray(at, at + BLOCK - filled);
        pending.set(piece, STRIPE + filled);
        filled += piece.length;
        total += piece.length;
        at += piece.length;
      }
    },
    digest() {
      const bytes = pending.subarray(0, STRIPE + filled);
      if (total <= LONGEST_SHORT) return hex(shortHash(bytes.subarray(STRIPE), SECRET_VIEW), 16);
      return hex(lanes.copy().finish(bytes, total), 16);
    },
  };
}
