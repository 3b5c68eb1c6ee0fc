import sharp from 'sharp';

import type { Random } from '../../core/random.js';
import { toPlanes } from '../augment.js';
import { decodeImage, toColour } from '../decode.js';
import type { Picture } from '../images.js';
import { composeAffine, warp, type Geometry } from '../warp.js';

/** Every value times a factor, cut at 255. */
export function brightened(picture: Picture, factor: number): Picture {
  return { ...picture, pixels: rounded(picture.pixels, (value) => value * factor) };
}

/** Gaussian blur of a standard deviation in pixels, cut at 3 σ; the outermost pixels are repeated. */
export function blurred(picture: Picture, sigma: number): Picture {
  const { height, width, channels } = picture;
  const kernel = gaussian(sigma);
  const rows = smooth(picture.pixels, kernel, { length: width, inner: channels });
  const both = smooth(rows, kernel, { length: height, inner: width * channels });
  return { ...picture, pixels: rounded(both, (value) => value) };
}

/** Encoded as JPEG of a quality in 1..100, and decoded. */
export async function reencoded(picture: Picture, quality: number): Promise<Picture> {
  const { pixels, ...raw } = picture;
  const colour = raw.channels === 1 ? 'grey' : 'rgb';
  const bytes = await sharp(pixels, { raw })
    .toColourspace(colour === 'grey' ? 'b-w' : 'srgb')
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return toColour(await decodeImage(bytes, 'a re-encoded picture'), colour);
}

/** Turned or enlarged about the centre: bilinear, the outermost pixels repeated beyond the border. */
export function turned(picture: Picture, geometry: Geometry): Picture {
  const { height, width, channels } = picture;
  const source = { data: new Float32Array(picture.pixels.length), offset: 0 };
  const target = { data: new Float32Array(picture.pixels.length), offset: 0 };
  toPlanes(picture.pixels, 0, picture, source);
  const matrix = composeAffine(height, width, geometry);
  warp(source, target, matrix, { height, width, channels, border: 'edge' });
  const size = height * width;
  const interleaved = picture.pixels.map((_, i) =>
    Math.round(target.data[(i % channels) * size + Math.floor(i / channels)] ?? 0),
  );
  return { ...picture, pixels: interleaved };
}

/** A square of the picture's mean colour over a share of its area, at a drawn place. */
export function occluded(picture: Picture, share: number, random: Random): Picture {
  const { height, width, channels } = picture;
  const side = Math.min(height, width, Math.round(Math.sqrt(share * height * width)));
  const top = Math.round(random.uniform() * (height - side));
  const left = Math.round(random.uniform() * (width - side));
  const mean = channelMeans(picture);
  const pixels = picture.pixels.slice();
  for (let row = top; row < top + side; row++) {
    for (let i = left * channels; i < (left + side) * channels; i++)
      pixels[row * width * channels + i] = mean[i % channels] ?? 0;
  }
  return { ...picture, pixels };
}

function channelMeans({ pixels, channels }: Picture): number[] {
  const sums = Array.from({ length: channels }, () => 0);
  pixels.forEach((value, i) => (sums[i % channels] = (sums[i % channels] ?? 0) + value));
  return sums.map((sum) => Math.round((sum * channels) / pixels.length));
}

/** A clamped array rounds to nearest and cuts at 0 and 255. */
function rounded(values: Uint8Array | Float32Array, change: (value: number) => number): Uint8Array {
  return new Uint8Array(Uint8ClampedArray.from(values, change).buffer);
}

function gaussian(sigma: number): number[] {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Convolves the middle axis of `[…, length, inner]`. */
function smooth(
  values: Uint8Array | Float32Array,
  kernel: readonly number[],
  { length, inner }: { length: number; inner: number },
): Float32Array {
  const reach = (kernel.length - 1) / 2;
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const place = Math.floor(i / inner) % length;
    const start = i - place * inner;
    let sum = 0;
    kernel.forEach((weight, k) => {
      const read = Math.max(0, Math.min(length - 1, place + k - reach));
      sum += weight * (values[start + read * inner] ?? 0);
    });
    result[i] = sum;
  }
  return result;
}
