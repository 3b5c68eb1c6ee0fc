import type { Preprocessing } from '../core/preprocessing.js';
import type { Picture } from './images.js';
import { resizeImage } from './resize.js';

/**
 * A picture as an accelerator takes it that normalizes on the chip: resized to the model's input by the record's
 * interpolation, rounded, grey copied to every channel; uint8 [H, W, channels], 0..255.
 *
 * @param picture at the record's source size and in its colour, as the loaders give it
 */
export function deviceInput(picture: Picture, record: Preprocessing): Uint8Array {
  const [height, width] = record.inputSize;
  const { interpolation, antialias, channels } = record;
  const { pixels, channels: given } = resizeImage(picture, height, width, { interpolation, antialias });
  if (given === channels) return pixels;
  return Uint8Array.from(
    { length: height * width * channels },
    (_, i) => pixels[Math.floor(i / channels)] ?? 0,
  );
}

/**
 * What the chip makes of such a picture: `(pixel · scale − mean) / std` as float32 [channels, H, W], for models that
 * take normalized input.
 */
export function normalizedPlanes(pixels: Uint8Array, record: Preprocessing): Float32Array {
  const { channels, scale, mean, std } = record;
  const size = pixels.length / channels;
  const planes = new Float32Array(pixels.length);
  for (let channel = 0; channel < channels; channel++) {
    const factor = scale / (std[channel] ?? 1);
    const shift = -(mean[channel] ?? 0) / (std[channel] ?? 1);
    for (let i = 0; i < size; i++) {
      planes[channel * size + i] = (pixels[i * channels + channel] ?? 0) * factor + shift;
    }
  }
  return planes;
}
