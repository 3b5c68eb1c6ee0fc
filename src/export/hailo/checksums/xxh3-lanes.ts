import { avalanche, foldedProduct, PRIME32, PRIME64, word } from './xxh3-short.js';

/** Bytes that the eight lanes take at once. */
export const STRIPE = 64;
/** Stripes between two scramblings. */
export const STRIPES_PER_BLOCK = 16;

/** XXH3's default secret, part of the specification: the entropy that keys the lanes. */
const SECRET = Uint8Array.from(
  (
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
  ).match(/../g) ?? [],
  (digits) => Number.parseInt(digits, 16),
);

/** The secret for reading words at any place. */
export const SECRET_VIEW = new DataView(SECRET.buffer);
const SCRAMBLE_KEY = SECRET.length - STRIPE;
/** The last stripe's key begins 7 bytes before the scrambling key, so that no two stripes share one. */
const LAST_KEY = SCRAMBLE_KEY - 7;
const MERGE_KEY = 11;
const START = [
  BigInt(PRIME32[2]),
  ...PRIME64.slice(0, 4),
  BigInt(PRIME32[1]),
  PRIME64[4],
  BigInt(PRIME32[0]),
];

/** Eight 64-bit accumulators, each as two halves of 32 bits: BigInt would be fifty times slower. */
export class Lanes {
  private readonly low = Uint32Array.from(START, (value) => Number(value & 0xffffffffn));
  private readonly high = Uint32Array.from(START, (value) => Number(value >> 32n));

  /** The same state once more. */
  copy(): Lanes {
    const twin = new Lanes();
    twin.low.set(this.low);
    twin.high.set(this.high);
    return twin;
  }

  /** Takes a whole block of 1,024 bytes and scrambles. */
  block(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let i = 0; i < STRIPES_PER_BLOCK; i++) this.stripe(view, i * STRIPE, i * 8);
    this.scramble();
  }

  /**
   * Ends the hash.
   * @param bytes the stripe before the last block, and that block's 1 to 1,024 bytes
   * @param total bytes of the whole input
   */
  finish(bytes: Uint8Array, total: number): bigint {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const stripes = (bytes.length - STRIPE - 1) >> 6;
    for (let i = 0; i < stripes; i++) this.stripe(view, (i + 1) * STRIPE, i * 8);
    this.stripe(view, bytes.length - STRIPE, LAST_KEY);
    return this.merged(total);
  }

  /** lane[i xor 1] += data[i]; lane[i] += low half of (data[i] xor key[i]) times its high half. */
  private stripe(view: DataView, at: number, key: number): void {
    for (let i = 0; i < 8; i++) {
      const low = view.getUint32(at + 8 * i, true);
      const high = view.getUint32(at + 8 * i + 4, true);
      const a = (low ^ SECRET_VIEW.getUint32(key + 8 * i, true)) >>> 0;
      const b = (high ^ SECRET_VIEW.getUint32(key + 8 * i + 4, true)) >>> 0;
      this.add(i ^ 1, low, high);
      this.add(i, Math.imul(a, b) >>> 0, highProduct(a, b));
    }
  }

  /** lane = (lane xor (lane >> 47) xor key) × prime. */
  private scramble(): void {
    for (let i = 0; i < 8; i++) {
      const high = this.high[i] ?? 0;
      const low = (this.low[i] ?? 0) ^ (high >>> 15);
      const a = (low ^ SECRET_VIEW.getUint32(SCRAMBLE_KEY + 8 * i, true)) >>> 0;
      const b = high ^ SECRET_VIEW.getUint32(SCRAMBLE_KEY + 8 * i + 4, true);
      this.low[i] = Math.imul(a, PRIME32[0]);
      this.high[i] = Math.imul(b, PRIME32[0]) + highProduct(a, PRIME32[0]);
    }
  }

  private add(lane: number, low: number, high: number): void {
    const sum = (this.low[lane] ?? 0) + low;
    this.low[lane] = sum;
    this.high[lane] = (this.high[lane] ?? 0) + high + (sum > 0xffffffff ? 1 : 0);
  }

  private merged(total: number): bigint {
    let sum = BigInt(total) * PRIME64[0];
    for (let i = 0; i < 8; i += 2) {
      const key = MERGE_KEY + 8 * i;
      sum += foldedProduct(
        this.lane(i) ^ word(SECRET_VIEW, key),
        this.lane(i + 1) ^ word(SECRET_VIEW, key + 8),
      );
    }
    return avalanche(BigInt.asUintN(64, sum));
  }

  private lane(i: number): bigint {
    return (BigInt(this.high[i] ?? 0) << 32n) | BigInt(this.low[i] ?? 0);
  }
}

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536);
}
