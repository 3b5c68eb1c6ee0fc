import { decode } from 'bmp-ts';

import { checkPixelCount, unreadable } from './decode-errors.js';
import type { Picture } from './images.js';

/** The fields of a BMP header that are needed before decoding. */
interface BmpHeader {
  /** Bytes of the second header, which tells its version. */
  readonly headerSize: number;
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly compression: number;
  /** Byte at which the pixels begin. */
  readonly pixelOffset: number;
  /** Byte at which headers and palette end. */
  readonly headerEnd: number;
}

/** Compression codes, from Microsoft's BITMAPINFOHEADER documentation. */
const uncompressed = 0;
const bitFields = 3;
const alphaBitFields = 6;

/** Smallest header that is read: file header (14 bytes) and BITMAPINFOHEADER (40 bytes). */
const smallestHeader = 54;

/** Whether bytes begin with a BMP file's signature. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Decodes an uncompressed BMP file; a grey palette gives one channel.
 *
 * @throws InputError when it is too large, truncated in its header, or of a kind that `bmp-ts` misreads;
 *   RangeError when its pixels are truncated.
 */
export function decodeBmp(bytes: Uint8Array, where: string, maxPixels: number): Picture {
  if (bytes.length < smallestHeader) throw unreadable(where, `a BMP file of ${bytes.length} bytes`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(buffer);
  checkKind(header, where);
  checkPixelCount(where, header, maxPixels);
  const { data, width, height, palette } = decode(closeGap(buffer, header));
  const grey =
    header.bitsPerPixel <= 8 && palette.every(({ red, green, blue }) => red === green && green === blue);
  return { width, height, channels: grey ? 1 : 3, pixels: fromAbgr(data, grey ? 1 : 3) };
}

function readHeader(buffer: Buffer): BmpHeader {
  const bitsPerPixel = buffer.readUInt16LE(28);
  const compression = buffer.readUInt32LE(30);
  const colours = buffer.readUInt32LE(46) || (bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0);
  return {
    headerSize: buffer.readUInt32LE(14),
    width: buffer.readInt32LE(18),
    // A negative height says that the rows run from the top.
    height: Math.abs(buffer.readInt32LE(22)),
    bitsPerPixel,
    compression,
    pixelOffset: buffer.readUInt32LE(10),
    headerEnd: 14 + buffer.readUInt32LE(14) + maskBytes(buffer, compression) + 4 * colours,
  };
}

/** Channel masks that follow a plain 40-byte header; longer headers contain them. */
function maskBytes(buffer: Buffer, compression: number): number {
  if (buffer.readUInt32LE(14) !== 40) return 0;
  if (compression === alphaBitFields) return 16;
  return compression === bitFields ? 12 : 0;
}

function checkKind(header: BmpHeader, where: string): void {
  const { headerSize, width, height, bitsPerPixel, compression } = header;
  // The 12-byte header of OS/2 has other fields.
  if (headerSize < 40) throw unreadable(where, `a BMP file with a ${headerSize}-byte header`);
  if (width < 1 || height < 1) throw unreadable(where, `a BMP header of ${width}x${height} pixels`);
  // bmp-ts gives wrong pixels, without an error, for run-length codes and for 4-bit rows of odd width.
  if (![uncompressed, bitFields, alphaBitFields].includes(compression)) {
    throw unreadable(where, 'a compressed BMP file');
  }
  if (bitsPerPixel === 4 && width % 2 === 1) throw unreadable(where, 'a 4-bit BMP file of odd width');
}

/** bmp-ts expects the pixels right after the palette; a file may leave a gap there. */
function closeGap(buffer: Buffer, { pixelOffset, headerEnd }: BmpHeader): Buffer {
  if (pixelOffset <= headerEnd) return buffer;
  return Buffer.concat([buffer.subarray(0, headerEnd), buffer.subarray(pixelOffset)]);
}

function fromAbgr(abgr: Uint8Array, channels: 1 | 3): Uint8Array {
  return Uint8Array.from({ length: (abgr.length / 4) * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return abgr[4 * pixel + 3 - (i % channels)] ?? 0;
  });
}
