import { inflateSync } from 'node:zlib';

import type { Picture } from './images.js';

/** Most pixels of a picture that is decoded here; for larger ones sharp's start costs nothing. */
const MOST_PIXELS = 65_536;

/**
 * Decodes the plain kind of PNG that cropped faces come in: small, 8 bits, grey or RGB, no interlace and no chunk
 * that changes its looks. For these sharp's pipeline takes ten times as long as the decoding itself.
 *
 * Undefined for every other file, also for a damaged one: sharp decides about those.
 */
export function decodePlainPng(bytes: Uint8Array): Picture | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = plainHeader(view);
  const parts = header === undefined ? undefined : imageData(bytes, view);
  if (header === undefined || parts === undefined) return undefined;
  const { width, height, channels } = header;
  const stride = 1 + width * channels;
  const filtered = inflate(parts, stride * height);
  if (filtered?.length !== stride * height) return undefined;
  const pixels = unfilter(filtered, height, stride, channels);
  return pixels === undefined ? undefined : { width, height, channels, pixels };
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** IHDR: 4 bytes length, 4 bytes name, width, height, depth, colour type, compression, filter, interlace. */
function plainHeader(view: DataView): Header | undefined {
  if (view.byteLength < 57 || view.getUint32(8) !== 13 || view.getUint32(12) !== IHDR) return undefined;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour] = [view.getUint8(24), view.getUint8(25)];
  const odd = view.getUint8(26) !== 0 || view.getUint8(27) !== 0 || view.getUint8(28) !== 0;
  if (odd || depth !== 8 || width * height > MOST_PIXELS || width * height === 0) return undefined;
  if (colour !== 0 && colour !== 2) return undefined;
  return { width, height, channels: colour === 0 ? 1 : 3 };
}

const [IHDR, IDAT, IEND, PHYS] = [0x49484452, 0x49444154, 0x49454e44, 0x70485973];

/** The compressed pixels, if nothing else than a resolution stands beside them. */
function imageData(bytes: Uint8Array, view: DataView): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let offset = 33; offset + 12 <= bytes.length;) {
    const [length, kind] = [view.getUint32(offset), view.getUint32(offset + 4)];
    if (kind === IEND) return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (kind === IDAT) parts.push(bytes.subarray(offset + 8, offset + 8 + length));
    else if (kind !== PHYS) return undefined;
    offset += 12 + length;
  }
  return undefined;
}

function inflate(data: Uint8Array, length: number): Uint8Array | undefined {
  try {
    return inflateSync(data, { maxOutputLength: length });
  } catch {
    return undefined;
  }
}

/** Undoes the five row filters of PNG 1.2, section 6. */
function unfilter(data: Uint8Array, height: number, stride: number, step: number): Uint8Array | undefined {
  const row = stride - 1;
  const pixels = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const predict = PREDICTORS[data[y * stride] ?? 255];
    if (predict === undefined) return undefined;
    const start = y * row;
    for (let x = 0; x < row; x++) {
      const left = x < step ? 0 : (pixels[start + x - step] ?? 0);
      const up = y === 0 ? 0 : (pixels[start + x - row] ?? 0);
      const corner = x < step || y === 0 ? 0 : (pixels[start + x - row - step] ?? 0);
      pixels[start + x] = (data[y * stride + 1 + x] ?? 0) + predict(left, up, corner);
    }
  }
  return pixels;
}

type Predictor = (left: number, up: number, corner: number) => number;

const PREDICTORS: readonly Predictor[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

/** Whichever of the three neighbours is nearest to left + up − corner; ties in this order. */
function paeth(left: number, up: number, corner: number): number {
  const [a, b] = [Math.abs(up - corner), Math.abs(left - corner)];
  const c = Math.abs(left + up - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
