/** IEEE 754 half precision (16-bit patterns) → float32. */
export function decodeFloat16(patterns: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(patterns, decodeOne);
}

/** float32 → nearest half-precision pattern, ties to even; beyond ±65504 becomes infinite. */
export function encodeFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(bits, encodeOne);
}

function decodeOne(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function encodeOne(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // Subnormal halves are multiples of 2^-24.
  if (magnitude < 0x38800000) return sign | roundEven(asFloat(magnitude) * 2 ** 24);
  const rebased = (magnitude - 0x38000000) / 2 ** 13;
  return sign | Math.min(roundEven(rebased), 0x7c00);
}

function asFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
