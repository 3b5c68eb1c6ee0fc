import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { decodePlainPng } from './decode-png.js';

/** Smooth with some noise, so that encoders choose among all filters. */
function pixelsOf(width: number, height: number, channels: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return 100 + 60 * Math.sin((x + i) / 9) + 40 * Math.cos(y / 5) + 30 * random.uniform();
  });
}

describe('decodePlainPng', () => {
  it.each([
    ...[1, 2, 3].map((seed) => [seed, 1, 'b-w'] as const),
    ...[4, 5, 6].map((seed) => [seed, 3, 'srgb'] as const),
  ])('gives the pixels that sharp gives (seed %i, %i channels)', async (seed, channels, space) => {
    const [width, height] = [31 + seed, 40 - seed];
    const pixels = pixelsOf(width, height, channels, seed);
    const image = sharp(pixels, { raw: { width, height, channels } }).toColourspace(space);
    for (const adaptiveFiltering of [true, false]) {
      const bytes = await image.clone().png({ adaptiveFiltering }).toBuffer();
      const picture = decodePlainPng(bytes);
      expect(picture).toMatchObject({ width, height, channels });
      expect(Buffer.from(picture?.pixels ?? []).equals(Buffer.from(pixels))).toBe(true);
    }
  });

  it.each([
    ['16 bits', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['a palette', (image: Sharp) => image.png({ palette: true })],
    ['transparency', (image: Sharp) => image.ensureAlpha(0.5).png()],
    ['interlace', (image: Sharp) => image.png({ progressive: true })],
    ['EXIF', (image: Sharp) => image.withMetadata({ orientation: 6 }).png()],
    ['a colour profile', (image: Sharp) => image.withIccProfile('p3').png()],
    ['many pixels', (image: Sharp) => image.resize(300, 300).png()],
    ['another format', (image: Sharp) => image.jpeg()],
  ])('leaves %s to sharp', async (_, encode) => {
    const raw = { width: 9, height: 9, channels: 3 } as const;
    const bytes = await encode(sharp(pixelsOf(9, 9, 3, 1), { raw })).toBuffer();
    expect(decodePlainPng(bytes)).toBeUndefined();
  });

  it('leaves every damaged file to sharp', async () => {
    const raw = { width: 20, height: 20, channels: 1 } as const;
    const whole = await sharp(pixelsOf(20, 20, 1, 1), { raw })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect(decodePlainPng(whole)).toBeDefined();
    for (let length = 0; length < whole.length - 8; length++)
      expect(decodePlainPng(whole.subarray(0, length))).toBeUndefined();
    const idat = whole.indexOf('IDAT') + 30;
    const spoiled = Buffer.from(whole);
    spoiled[idat] = (spoiled[idat] ?? 0) ^ 0x55;
    expect(decodePlainPng(spoiled)).toBeUndefined();
  });
});
