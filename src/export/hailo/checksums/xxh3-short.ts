/** XXH3 of at most 240 bytes, in 64-bit integers: it runs once per file at most. */

/** Longest input with a formula of its own. */
export const LONGEST_SHORT = 240;

const MASK = (1n << 64n) - 1n;
/** The primes of 32 and 64 bits, by their numbers in the specification. */
export const PRIME32 = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d] as const;
/** See {@link PRIME32}. */
export const PRIME64 = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const MIX1 = 0x165667919e3779f9n;
const MIX2 = 0x9fb21c651e98df25n;

/** XXH3-64 of `bytes` (0 to 240 of them). */
export function shortHash(bytes: Uint8Array, secret: DataView): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 128) return upTo240(view, secret);
  if (bytes.length > 16) return upTo128(view, secret);
  if (bytes.length > 8) return upTo16(view, secret);
  if (bytes.length >= 4) return upTo8(view, secret);
  return bytes.length === 0 ? avalanche64(word(secret, 56) ^ word(secret, 64)) : upTo3(view, secret);
}

/** Folds the 128-bit product of two words into 64 bits. */
export function foldedProduct(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

/** XXH3's final mix. */
export function avalanche(value: bigint): bigint {
  const mixed = ((value ^ (value >> 37n)) * MIX1) & MASK;
  return mixed ^ (mixed >> 32n);
}

/** A little-endian 64-bit word. */
export function word(view: DataView, at: number): bigint {
  return view.getBigUint64(at, true);
}

function upTo3(view: DataView, secret: DataView): bigint {
  const length = view.byteLength;
  const first = view.getUint8(0);
  const middle = view.getUint8(length >> 1);
  const last = view.getUint8(length - 1);
  const combined = ((first << 16) | (middle << 24) | last | (length << 8)) >>> 0;
  const flip = (secret.getUint32(0, true) ^ secret.getUint32(4, true)) >>> 0;
  return avalanche64(BigInt((combined ^ flip) >>> 0));
}

function upTo8(view: DataView, secret: DataView): bigint {
  const first = BigInt(view.getUint32(0, true));
  const last = BigInt(view.getUint32(view.byteLength - 4, true));
  let h = (last + (first << 32n)) ^ word(secret, 8) ^ word(secret, 16);
  h ^= rotate(h, 49n) ^ rotate(h, 24n);
  h = (h * MIX2) & MASK;
  h ^= (h >> 35n) + BigInt(view.byteLength);
  h = (h * MIX2) & MASK;
  return h ^ (h >> 28n);
}

function upTo16(view: DataView, secret: DataView): bigint {
  const low = word(view, 0) ^ word(secret, 24) ^ word(secret, 32);
  const high = word(view, view.byteLength - 8) ^ word(secret, 40) ^ word(secret, 48);
  const sum = BigInt(view.byteLength) + byteSwapped(low) + high + foldedProduct(low, high);
  return avalanche(sum & MASK);
}

function upTo128(view: DataView, secret: DataView): bigint {
  const length = view.byteLength;
  let sum = BigInt(length) * PRIME64[0];
  const pairs = Math.ceil(length / 32);
  for (let i = 0; i < pairs; i++) {
    sum += mixed(view, 16 * i, secret, 32 * i);
    sum += mixed(view, length - 16 * (i + 1), secret, 32 * i + 16);
  }
  return avalanche(sum & MASK);
}

function upTo240(view: DataView, secret: DataView): bigint {
  const length = view.byteLength;
  let sum = BigInt(length) * PRIME64[0];
  for (let i = 0; i < 8; i++) sum += mixed(view, 16 * i, secret, 16 * i);
  sum = avalanche(sum & MASK);
  for (let i = 8; i < length >> 4; i++) sum += mixed(view, 16 * i, secret, 16 * (i - 8) + 3);
  sum += mixed(view, length - 16, secret, 136 - 17);
  return avalanche(sum & MASK);
}

function mixed(view: DataView, at: number, secret: DataView, key: number): bigint {
  return foldedProduct(word(view, at) ^ word(secret, key), word(view, at + 8) ^ word(secret, key + 8));
}

/** The final mix of the older XXH64. */
function avalanche64(value: bigint): bigint {
  let h = ((value ^ (value >> 33n)) * PRIME64[1]) & MASK;
  h = ((h ^ (h >> 29n)) * PRIME64[2]) & MASK;
  return h ^ (h >> 32n);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function byteSwapped(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return view.getBigUint64(0, false);
}
