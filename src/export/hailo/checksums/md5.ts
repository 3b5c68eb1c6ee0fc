import type { Checksum } from './checksum.js';
import { hex } from './checksum.js';

const BLOCK = 64;

/** MD5 (RFC 1321). It guards against accidents only: colliding contents are easy to make. */
export function md5(): Checksum {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const pending = new Uint8Array(BLOCK);
  let total = 0;
  const update = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) {
      const filled = total % BLOCK;
      const piece = bytes.subarray(at, at + BLOCK - filled);
      pending.set(piece, filled);
      at += piece.length;
      total += piece.length;
      if (total % BLOCK === 0) mix(state, pending);
    }
  };
  return {
    update,
    digest: () => finish(state, pending, total),
  };
}

/** Pads a copy of what is left (a one bit, zeros, the length in bits) and mixes it in. */
function finish(state: Uint32Array, pending: Uint8Array, total: number): string {
  const result = state.slice();
  const filled = total % BLOCK;
  const padded = new Uint8Array(filled < BLOCK - 8 ? BLOCK : 2 * BLOCK);
  padded.set(pending.subarray(0, filled));
  padded[filled] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(total) * 8n, true);
  for (let at = 0; at < padded.length; at += BLOCK) mix(result, padded.subarray(at, at + BLOCK));
  return Array.from(new Uint8Array(result.buffer), (byte) => hex(byte, 2)).join('');
}

/** Mixes one block into the state: four rounds of sixteen steps. */
function mix(state: Uint32Array, block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const word = view.getUint32(4 * wordOf(round, step), true);
    const sum = (a + choose(round, b, c, d) + word + (SINES[step] ?? 0)) | 0;
    const turn = SHIFTS[round]?.[step % 4] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
  }
  state.set([a, b, c, d].map((value, i) => (state[i] ?? 0) + value));
}

function choose(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function wordOf(round: number, step: number): number {
  return ([step, 5 * step + 1, 3 * step + 5, 7 * step][round] ?? 0) % 16;
}

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** The first 32 binary digits of |sin 1|, |sin 2|, … */
const SINES = Uint32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
