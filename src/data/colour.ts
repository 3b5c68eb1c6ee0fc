/**
 * Scales the saturation of an RGB picture in place, keeping hue and value (the largest channel).
 *
 * With S = (V − min) / V, each channel moves to `V − (V − c)·S'/S`, S' = min(1, factor·S): the same as a round
 * trip through HSV, and as `tf.image.adjust_saturation`.
 *
 * @param data planes `[channel, row, column]` that start at `offset`, `size` pixels per plane, any non-negative range
 */
export function adjustSaturation(data: Float32Array, offset: number, size: number, factor: number): void {
  for (let p = offset; p < offset + size; p++) {
    const r = data[p] as number;
    const g = data[p + size] as number;
    const b = data[p + 2 * size] as number;
    const value = Math.max(r, g, b);
    const range = value - Math.min(r, g, b);
    if (value <= 0 || range === 0) continue;
    // S'/S, written so that S' stays at most 1.
    const ratio = Math.min(factor, value / range);
    data[p] = value - (value - r) * ratio;
    data[p + size] = value - (value - g) * ratio;
    data[p + 2 * size] = value - (value - b) * ratio;
  }
}

/**
 * Turns the hue of an RGB picture in place, keeping the largest and the smallest channel, as
 * `tf.image.adjust_hue` does.
 *
 * @param data planes `[channel, row, column]` that start at `offset`, `size` pixels per plane
 * @param delta the turn, in −1..1 turns of the colour circle
 */
export function adjustHue(data: Float32Array, offset: number, size: number, delta: number): void {
  for (let p = offset; p < offset + size; p++) {
    const r = data[p] as number;
    const g = data[p + size] as number;
    const b = data[p + 2 * size] as number;
    const value = Math.max(r, g, b);
    const range = value - Math.min(r, g, b);
    if (range === 0) continue;
    const hue = hueOf(r, g, b, value, range) + 6 * delta;
    data[p] = channelOf(5 + hue, value, range);
    data[p + size] = channelOf(3 + hue, value, range);
    data[p + 2 * size] = channelOf(1 + hue, value, range);
  }
}

/** Hue in sixths of the circle, −1..5, red at 0. */
function hueOf(r: number, g: number, b: number, value: number, range: number): number {
  if (value === r) return (g - b) / range;
  if (value === g) return 2 + (b - r) / range;
  return 4 + (r - g) / range;
}

/** One channel from value and range; `k` is the hue in sixths plus 5, 3 or 1 for red, green or blue. */
function channelOf(k: number, value: number, range: number): number {
  const place = k - 6 * Math.floor(k / 6);
  return value - range * Math.max(0, Math.min(place, 4 - place, 1));
}
