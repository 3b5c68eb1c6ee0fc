import { type ImageSet, imageCount, pixelsAt } from './images.js';

/** What can be said of a picture without knowing what is in it. */
export interface Quality {
  /** Mean brightness, 0..255. */
  readonly brightness: number;
  /** Contrast: standard deviation of brightness, 0..127.5 grey levels. */
  readonly contrast: number;
  /**
   * Sharpness: variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR
   * 2000), in squared grey levels. It falls with blur, and with contrast too.
   */
  readonly sharpness: number;
  /** Share of pixels at the two ends of the scale, below 8 or above 247. */
  readonly extremes: number;
}

const REPORT = 1000;

/** Measures every picture of a set. */
export function qualitiesOf(set: ImageSet, onProgress?: (done: number, total: number) => void): Quality[] {
  const total = imageCount(set);
  return Array.from({ length: total }, (_, image) => {
    if ((image + 1) % REPORT === 0) onProgress?.(image + 1, total);
    return qualityOf(set, image);
  });
}

/** Measures one picture. @throws RangeError when there is no such picture */
export function qualityOf(set: ImageSet, image: number): Quality {
  const grey = brightnessOf(set, image);
  const [brightness, contrast] = meanAndDeviation(grey);
  const edges = laplacian(grey, set.height, set.width);
  const extremes = grey.filter((value) => value < 8 || value > 247).length;
  return {
    brightness,
    contrast,
    sharpness: edges.length === 0 ? 0 : meanAndDeviation(edges)[1] ** 2,
    extremes: extremes / grey.length,
  };
}

/** A picture's brightness, the mean of its channels: `[row, column]`, 0..255. */
export function brightnessOf(set: ImageSet, image: number): Float32Array {
  const pixels = pixelsAt(set, image);
  if (set.channels === 1) return Float32Array.from(pixels);
  return Float32Array.from({ length: set.height * set.width }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(3 * i, 3 * i + 3);
    return (red + green + blue) / 3;
  });
}

/** Mean and standard deviation (with n below the line). */
export function meanAndDeviation(values: Float32Array): [mean: number, deviation: number] {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return [mean, Math.sqrt(Math.max(0, squares / values.length - mean * mean))];
}

/** The four neighbours minus four times the middle, for every pixel that has four: `[row, column]`. */
function laplacian(grey: Float32Array, height: number, width: number): Float32Array {
  const result = new Float32Array(Math.max(0, height - 2) * Math.max(0, width - 2));
  let place = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const around =
        (grey[i - 1] ?? 0) + (grey[i + 1] ?? 0) + (grey[i - width] ?? 0) + (grey[i + width] ?? 0);
      result[place++] = around - 4 * (grey[i] ?? 0);
    }
  }
  return result;
}
