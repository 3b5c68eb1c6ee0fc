import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { readPictureHeader } from './picture-header.js';

const picture = (width = 31, height = 17) =>
  sharp({ create: { width, height, channels: 3, background: '#a01020' } });

describe('readPictureHeader', () => {
  it.each(['png', 'jpeg'] as const)('reads the size of %s', async (format) => {
    const bytes = await picture().toFormat(format).toBuffer();
    const components = format === 'jpeg' ? { components: 3 } : {};
    expect(readPictureHeader(bytes)).toEqual({ format, width: 31, height: 17, ...components });
  });

  it('tells a grey JPEG', async () => {
    const bytes = await picture().toColourspace('b-w').jpeg().toBuffer();
    expect(readPictureHeader(bytes)).toMatchObject({ components: 1 });
  });

  it('reads a progressive JPEG with EXIF before its frame', async () => {
    const bytes = await picture().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer();
    expect(readPictureHeader(bytes)).toEqual({ format: 'jpeg', width: 31, height: 17, components: 3 });
  });

  it.each([
    ['lossy', {}],
    ['lossless', { lossless: true }],
  ])('reads the size of %s WebP', async (_, options) => {
    const bytes = await picture().webp(options).toBuffer();
    expect(readPictureHeader(bytes)).toEqual({ format: 'webp', width: 31, height: 17 });
  });

  it('reads the size of WebP with transparency (extended header)', async () => {
    const bytes = await picture(300, 70000 / 280)
      .ensureAlpha(0.5)
      .webp()
      .withMetadata()
      .toBuffer();
    expect(readPictureHeader(bytes)).toEqual({ format: 'webp', width: 300, height: 250 });
  });

  it('reads the size of BMP whose rows run from the top', () => {
    const bytes = Buffer.alloc(54);
    bytes.write('BM');
    bytes.writeInt32LE(40000, 18);
    bytes.writeInt32LE(-30000, 22);
    expect(readPictureHeader(bytes)).toEqual({ format: 'bmp', width: 40000, height: 30000 });
  });

  it('knows no other format, and gives no size for a damaged header', () => {
    expect(readPictureHeader(Buffer.from('GIF89a'))).toBeUndefined();
    expect(readPictureHeader(new Uint8Array())).toBeUndefined();
    const damaged = { format: 'jpeg', width: 0, height: 0 };
    expect(readPictureHeader(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0))).toEqual(damaged);
    expect(readPictureHeader(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1, 2, 3, 4, 5))).toEqual(
      damaged,
    );
  });

  it('ends on every truncation and on a segment of length 0', async () => {
    const bytes = await picture().jpeg().toBuffer();
    for (let length = 0; length < bytes.length; length++) readPictureHeader(bytes.subarray(0, length));
    const endless = Buffer.alloc(4096, 0);
    endless.set([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0]);
    expect(readPictureHeader(endless)).toEqual({ format: 'jpeg', width: 0, height: 0 });
  });
});
