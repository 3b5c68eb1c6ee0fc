/**
 * A seeded stream of random draws.
 *
 * Streams are *forked by name* rather than advanced in turn: `root.fork('epoch', 3, 'batch', 7)` is the
 * same stream whatever was drawn before, so a resumed run repeats an undisturbed one exactly and no
 * generator state has to be saved.
 *
 * Generator: SplitMix32-seeded sfc32 (Chris Doty-Humphrey, PractRand), period about 2^128.
 *
 * @example
 * const random = createRandom(42).fork('augment', epoch, index);
 * if (random.uniform() < 0.5) flip(image);
 */
export interface Random {
  /** A number in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Fills an array with what `uniform()` would give, several times faster. */
  fill(out: Float64Array | Float32Array): void;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** An integer in [0, bound). */
  integer(bound: number): number;
  /** A standard normal draw (Box–Muller, Annals of Mathematical Statistics 1958). */
  normal(): number;
  /** A draw from Beta(alpha, alpha) by two Gamma draws (Marsaglia & Tsang 2000). */
  beta(alpha: number): number;
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[];
  /** An independent stream, a function of this stream's seed and the keys only. */
  fork(...keys: (string | number)[]): Random;
}

/** Creates the root stream of a seed (any finite number; its 53-bit integer part counts). */
export function createRandom(seed: number): Random {
  return new Sfc32([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]);
}

class Sfc32 implements Random {
  private a: number;
  private b: number;
  private c: number;
  private d = 1;
  private spare: number | undefined;
  private readonly key: readonly [number, number];

  constructor(key: readonly [number, number]) {
    this.key = key;
    let s = (key[0] ^ Math.imul(key[1], 0x9e3779b9)) >>> 0;
    const next = () => (s = splitmix32(s));
    this.a = next();
    this.b = (next() ^ key[1]) >>> 0;
    this.c = next();
    for (let i = 0; i < 12; i++) this.bits();
  }

  private bits(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  fill(out: Float64Array | Float32Array): void {
    let { a, b, c, d } = this;
    for (let i = 0; i < out.length; i++) {
      const t = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = ((c << 21) | (c >>> 11)) + t;
      out[i] = (t >>> 0) / 2 ** 32;
    }
    Object.assign(this, { a, b, c, d });
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  normal(): number {
    if (this.spare !== undefined) {
      const kept = this.spare;
      this.spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  beta(alpha: number): number {
    const x = this.gamma(alpha);
    const y = this.gamma(alpha);
    return x + y === 0 ? (this.uniform() < 0.5 ? 0 : 1) : x / (x + y);
  }

  /** Gamma(shape, 1); for shape < 1 the draw for shape + 1 is multiplied by U^(1/shape). */
  private gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * Math.pow(this.uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }

  fork(...keys: (string | number)[]): Random {
    let [low, high] = this.key;
    for (const character of keys.map((key) => `${typeof key}:${key};`).join('')) {
      // Two FNV-1a style lanes with different primes give a 64-bit key.
      const code = character.codePointAt(0) ?? 0;
      low = Math.imul(low ^ code, 0x01000193) >>> 0;
      high = Math.imul(high ^ code ^ (low >>> 15), 0x85ebca6b) >>> 0;
    }
    return new Sfc32([splitmix32(low), splitmix32(high ^ low)]);
  }
}

function splitmix32(state: number): number {
  let z = (state + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
