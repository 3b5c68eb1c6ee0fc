import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { decodeImage, toColour } from './decode.js';

/** Levels 0, 10, … in a 3×2 grey picture. */
const grey = {
  data: Buffer.from([0, 10, 20, 30, 40, 50]),
  raw: { width: 3, height: 2, channels: 1 },
} as const;
const red = { r: 200, g: 10, b: 30 };

function greyImage() {
  return sharp(grey.data, { raw: grey.raw }).toColourspace('b-w');
}

function redImage(width = 4, height = 2) {
  return sharp({ create: { width, height, channels: 3, background: red } });
}

/** A BMP file: 40-byte header, palette of `palette` BGR0 entries, rows from the bottom, padded to 4 bytes. */
function bmp(o: {
  width: number;
  height: number;
  bits: number;
  rows: number[][];
  palette?: number[][];
  compression?: number;
  gap?: number;
}): Buffer {
  const palette = Buffer.from((o.palette ?? []).flat());
  const rows = Buffer.concat(
    o.rows.map((row) => Buffer.concat([Buffer.from(row), Buffer.alloc((4 - (row.length % 4)) % 4)])),
  );
  const header = Buffer.alloc(54);
  const offset = 54 + palette.length + (o.gap ?? 0);
  header.write('BM', 'latin1');
  header.writeUInt32LE(offset + rows.length, 2);
  header.writeUInt32LE(offset, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(o.width, 18);
  header.writeInt32LE(o.height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(o.bits, 28);
  header.writeUInt32LE(o.compression ?? 0, 30);
  header.writeUInt32LE((o.palette ?? []).length, 46);
  return Buffer.concat([header, palette, Buffer.alloc(o.gap ?? 0, 99), rows]);
}

const greyPalette = [0, 100, 200, 255].map((v) => [v, v, v, 0]);

describe('decodeImage', () => {
  it('keeps a grey PNG at one channel', async () => {
    const picture = await decodeImage(await greyImage().png().toBuffer(), 'a.png');
    expect(picture).toMatchObject({ height: 2, width: 3, channels: 1 });
    expect([...picture.pixels]).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('keeps a grey JPEG at one channel', async () => {
    const picture = await decodeImage(await greyImage().jpeg({ quality: 100 }).toBuffer(), 'a.jpg');
    expect(picture.channels).toBe(1);
    picture.pixels.forEach((value, i) => expect(Math.abs(value - 10 * i)).toBeLessThanOrEqual(2));
  });

  it('brings 16-bit grey to 8 bits', async () => {
    const bytes = await sharp(grey.data, { raw: grey.raw }).toColourspace('grey16').png().toBuffer();
    expect([...(await decodeImage(bytes, 'a.png')).pixels]).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it.each(['png', 'webp'] as const)('reads colour %s as RGB', async (format) => {
    const bytes = await redImage().toFormat(format, { lossless: true }).toBuffer();
    const picture = await decodeImage(bytes, 'a');
    expect(picture).toMatchObject({ height: 2, width: 4, channels: 3 });
    expect([...picture.pixels.subarray(0, 3)]).toEqual([200, 10, 30]);
  });

  it('drops transparency and keeps the colour below', async () => {
    const bytes = await redImage().ensureAlpha(0.5).png().toBuffer();
    const picture = await decodeImage(bytes, 'a.png');
    expect(picture.pixels.length).toBe(4 * 2 * 3);
    expect([...picture.pixels.subarray(0, 3)]).toEqual([200, 10, 30]);
  });

  it('honours the EXIF orientation', async () => {
    // Orientation 6: the file's first row is the picture's right-hand column.
    const bytes = await greyImage().withMetadata({ orientation: 6 }).png().toBuffer();
    const picture = await decodeImage(bytes, 'a.png');
    expect(picture).toMatchObject({ height: 3, width: 2 });
    expect([...toColour(picture, 'grey').pixels]).toEqual([30, 0, 40, 10, 50, 20]);
  });

  it('goes by content, not by the name', async () => {
    const picture = await decodeImage(await greyImage().png().toBuffer(), 'really-a-png.jpg');
    expect(picture.width).toBe(3);
  });
});

describe('decodeImage of BMP', () => {
  it('reads 24-bit rows from the bottom', async () => {
    const bytes = bmp({
      width: 1,
      height: 2,
      bits: 24,
      rows: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    });
    const picture = await decodeImage(bytes, 'a.bmp');
    expect(picture).toMatchObject({ height: 2, width: 1, channels: 3 });
    expect([...picture.pixels]).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('reads rows from the top when the height is negative', async () => {
    const bytes = bmp({
      width: 1,
      height: -2,
      bits: 24,
      rows: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    });
    const picture = await decodeImage(bytes, 'a.bmp');
    expect(picture.height).toBe(2);
    expect([...picture.pixels]).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it.each([0, 2, 60])('gives one channel for a grey palette (%i bytes before the pixels)', async (gap) => {
    const bytes = bmp({ width: 3, height: 1, bits: 8, rows: [[3, 0, 2]], palette: greyPalette, gap });
    const picture = await decodeImage(bytes, 'a.bmp');
    expect(picture.channels).toBe(1);
    expect([...picture.pixels]).toEqual([255, 0, 200]);
  });

  it('reads a 1-bit picture', async () => {
    const palette = greyPalette.slice(0, 2);
    const picture = await decodeImage(
      bmp({ width: 3, height: 1, bits: 1, rows: [[0b01000000]], palette }),
      'a',
    );
    expect([...picture.pixels]).toEqual([0, 100, 0]);
  });

  it('reads 32-bit pixels', async () => {
    const picture = await decodeImage(bmp({ width: 1, height: 1, bits: 32, rows: [[1, 2, 3, 0]] }), 'a');
    expect([...picture.pixels]).toEqual([3, 2, 1]);
  });

  it.each([
    [
      'a compressed BMP file',
      bmp({ width: 1, height: 1, bits: 8, compression: 1, rows: [[1, 0]], palette: greyPalette }),
    ],
    [
      'a 4-bit BMP file of odd width',
      bmp({ width: 1, height: 1, bits: 4, rows: [[16]], palette: greyPalette }),
    ],
    ['a BMP header of 0x1 pixels', bmp({ width: 0, height: 1, bits: 24, rows: [] })],
    ['a BMP file of 40 bytes', bmp({ width: 1, height: 1, bits: 24, rows: [[1, 2, 3]] }).subarray(0, 40)],
    ['bytes that do not decode', bmp({ width: 9, height: 9, bits: 24, rows: [[1, 2, 3]] })],
  ])('refuses %s', async (received, bytes) => {
    await expect(decodeImage(bytes, 'a.bmp')).rejects.toThrow(`a.bmp: received ${received}`);
  });

  it('refuses a header of too many pixels before allocating', async () => {
    const bytes = bmp({ width: 2_000_000, height: 2_000_000, bits: 24, rows: [[1, 2, 3]] });
    await expect(decodeImage(bytes, 'a.bmp')).rejects.toThrow(
      'a.bmp: received a picture of 2000000x2000000 pixels, expected at most 100000000 pixels; shrink the picture first.',
    );
  });
});

describe('decodeImage of bad bytes', () => {
  const tail = 'expected a readable JPEG, PNG, WebP or BMP picture; replace or remove the file.';

  it('names an empty file', async () => {
    await expect(decodeImage(new Uint8Array(), 'x/empty.jpg')).rejects.toThrow(
      `x/empty.jpg: received an empty file (0 bytes), ${tail}`,
    );
  });

  it('names a truncated JPEG', async () => {
    const bytes = await redImage(64, 64).jpeg().toBuffer();
    const promise = decodeImage(bytes.subarray(0, bytes.length - 40), 'cut.jpg');
    await expect(promise).rejects.toThrow(
      /^cut\.jpg: received bytes that do not decode \(.*\), expected a readable/,
    );
  });

  it('names text', async () => {
    await expect(decodeImage(Buffer.from('not a picture'), 'note.png')).rejects.toThrow(
      `note.png: received bytes that do not decode (Input buffer contains unsupported image format), ${tail}`,
    );
  });

  it('refuses formats that sharp could render', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
    await expect(decodeImage(svg, 'a.png')).rejects.toThrow(
      `a.png: received a picture in svg format, ${tail}`,
    );
  });

  it('refuses more pixels than allowed', async () => {
    const bytes = await redImage(20, 10).png().toBuffer();
    await expect(decodeImage(bytes, 'big.png', { maxPixels: 199 })).rejects.toThrow(
      'big.png: received a picture of 20x10 pixels, expected at most 199 pixels',
    );
    expect((await decodeImage(bytes, 'big.png', { maxPixels: 200 })).width).toBe(20);
  });
});

describe('toColour', () => {
  const rgb = { height: 1, width: 2, channels: 3, pixels: Uint8Array.of(255, 0, 0, 10, 20, 30) } as const;

  it('weighs red, green and blue by Rec. 601', () => {
    expect([...toColour(rgb, 'grey').pixels]).toEqual([76, 18]);
  });

  it('copies grey to three channels', () => {
    const picture = toColour({ height: 1, width: 2, channels: 1, pixels: Uint8Array.of(7, 9) }, 'rgb');
    expect(picture.channels).toBe(3);
    expect([...picture.pixels]).toEqual([7, 7, 7, 9, 9, 9]);
  });

  it('returns what needs no change', () => {
    expect(toColour(rgb, 'rgb')).toBe(rgb);
  });
});
