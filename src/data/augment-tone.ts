import type { PictureFormat } from './augment-options.js';
import type { Planes } from './warp.js';

/** A picture before and after: planes `[channel, row, column]`, 0..255. */
export interface ToneJob {
  readonly source: Planes;
  readonly target: Planes;
  readonly format: PictureFormat;
}

/** Rec. 601 luma, by which Pillow turns colour into grey. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Multiplies every value, as Pillow's `ImageEnhance.Brightness`. */
export function brighten(job: ToneJob, factor: number): void {
  blend(job, () => 0, factor);
}

/** Stretches about the mean grey of the picture, as Pillow's `ImageEnhance.Contrast`. */
export function contrast(job: ToneJob, factor: number): void {
  const { source, format } = job;
  const size = format.height * format.width;
  const weights: readonly number[] = format.channels === 1 ? [1] : LUMA;
  let sum = 0;
  weights.forEach((weight, channel) => {
    for (let p = 0; p < size; p++)
      sum += weight * (source.data[source.offset + channel * size + p] as number);
  });
  const mean = Math.floor(sum / size + 0.5);
  blend(job, () => mean, factor);
}

/** Moves away from (above 1) or towards (below 1) a smoothed picture, as Pillow's `ImageEnhance.Sharpness`. */
export function sharpen(job: ToneJob, factor: number): void {
  const { height, width } = job.format;
  const { data } = job.source;
  blend(
    job,
    (p, row, column) => {
      const inside = row > 0 && column > 0 && row < height - 1 && column < width - 1;
      if (!inside) return data[p] as number;
      // Weights 1, around 5 in the middle.
      let sum = 4 * (data[p] as number);
      for (let q = p - width; q <= p + width; q += width)
        sum += (data[q - 1] as number) + (data[q] as number) + (data[q + 1] as number);
      return sum / 13;
    },
    factor,
  );
}

/** Stretches every channel to 0..255, as Pillow's `ImageOps.autocontrast`. */
export function autoContrast(job: ToneJob): void {
  eachChannel(job, (from, to) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of from) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (high > low) from.forEach((value, p) => (to[p] = ((value - low) * 255) / (high - low)));
  });
}

/** Evens out the histogram of every channel, as Pillow's `ImageOps.equalize`. */
export function equalize(job: ToneJob): void {
  eachChannel(job, (from, to) => {
    const histogram = new Int32Array(256);
    for (const value of from) histogram[Math.round(value)] = (histogram[Math.round(value)] ?? 0) + 1;
    const last = histogram.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((from.length - last) / 255);
    if (step === 0) return;
    const table = new Float32Array(256);
    let below = Math.floor(step / 2);
    histogram.forEach((count, value) => {
      table[value] = Math.min(255, Math.floor(below / step));
      below += count;
    });
    from.forEach((value, p) => (to[p] = table[Math.round(value)] ?? 0));
  });
}

/** `base + factor · (x − base)`, kept in 0..255. */
function blend(
  { source, target, format }: ToneJob,
  base: (place: number, row: number, column: number) => number,
  factor: number,
): void {
  const { height, width, channels } = format;
  for (let line = 0; line < height * channels; line++) {
    for (let column = 0; column < width; column++) {
      const place = line * width + column;
      const from = base(source.offset + place, line % height, column);
      const value = from + factor * ((source.data[source.offset + place] as number) - from);
      target.data[target.offset + place] = Math.max(0, Math.min(255, value));
    }
  }
}

function eachChannel(
  { source, target, format }: ToneJob,
  change: (from: Float32Array, to: Float32Array) => void,
): void {
  const size = format.height * format.width;
  for (let channel = 0; channel < format.channels; channel++) {
    const plane = ({ data, offset }: Planes) =>
      data.subarray(offset + channel * size, offset + (channel + 1) * size);
    change(plane(source), plane(target));
  }
}
