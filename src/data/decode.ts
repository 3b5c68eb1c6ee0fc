import sharp, { type Metadata, type Sharp } from 'sharp';

import { InputError, messageOf } from '../core/errors.js';
import { decodeBmp, isBmp } from './decode-bmp.js';
import { checkPixelCount, unreadable } from './decode-errors.js';
import { decodePlainPng } from './decode-png.js';
import type { Picture } from './images.js';
import { readPictureHeader } from './picture-header.js';

export { toColour } from './to-colour.js';

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** Pictures of more pixels are refused before they are decoded; default {@link maxPixelsDefault}. */
  readonly maxPixels?: number;
}

/** Default limit of a picture's size: 100 million pixels, about the largest phone cameras. */
export const maxPixelsDefault = 100_000_000;

/** What {@link decodeImage} reads; the file's content counts, not the ending of its name. */
const formats: readonly string[] = ['jpeg', 'png', 'webp'];

/**
 * Decodes the bytes of a JPEG, PNG, WebP or BMP file. A grey file gives one channel, any other three.
 *
 * The EXIF orientation is applied, transparency is dropped, 16-bit samples become 8-bit ones, and of an
 * animation only the first frame counts.
 *
 * @param where Names the picture in messages, usually its path.
 * @throws InputError when the bytes are empty, corrupt, of another format, or too many pixels.
 *
 * @example
 * const picture = await decodeImage(await readFile('face.jpg'), 'face.jpg');
 */
export async function decodeImage(
  bytes: Uint8Array,
  where: string,
  options: DecodeOptions = {},
): Promise<Picture> {
  if (bytes.length === 0) throw unreadable(where, 'an empty file (0 bytes)');
  const maxPixels = options.maxPixels ?? maxPixelsDefault;
  const plain = decodePlainPng(bytes);
  if (plain !== undefined && plain.width * plain.height <= maxPixels) return plain;
  try {
    return isBmp(bytes) ? decodeBmp(bytes, where, maxPixels) : await decodeBySharp(bytes, where, maxPixels);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(where, `bytes that do not decode (${shortReason(error)})`, error);
  }
}

async function decodeBySharp(bytes: Uint8Array, where: string, maxPixels: number): Promise<Picture> {
  // Warnings such as stray bytes between markers are common in scraped sets and harmless; truncation fails.
  // The size limit is checked here rather than by sharp, for a message that names both numbers.
  const input = sharp(bytes, { failOn: 'error', limitInputPixels: false });
  const { size, grey } = jpegFrame(bytes) ?? (await frameOf(input, where));
  checkPixelCount(where, size, maxPixels);
  const { data, info } = await input
    .autoOrient()
    .removeAlpha()
    .toColourspace(grey ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, channels: grey ? 1 : 3, pixels: data };
}

/** What must be known before decoding. */
interface Frame {
  readonly size: { readonly width: number; readonly height: number };
  readonly grey: boolean;
}

/** A JPEG's own header tells the same as sharp's metadata, which take a fifth of a small picture's time. */
function jpegFrame(bytes: Uint8Array): Frame | undefined {
  const header = readPictureHeader(bytes);
  if (header?.components === undefined || header.width * header.height === 0) return undefined;
  return { size: header, grey: header.components === 1 };
}

async function frameOf(input: Sharp, where: string): Promise<Frame> {
  const metadata = await input.metadata();
  checkFormat(metadata, where);
  return { size: metadata, grey: metadata.space === 'b-w' || metadata.space === 'grey16' };
}

function checkFormat({ format }: Metadata, where: string): void {
  // sharp would also render SVG, PDF and other formats that nobody means by a photograph.
  if (!formats.includes(format)) throw unreadable(where, `a picture in ${format} format`);
}

/** The first line of a decoder's message, which may run over several. */
function shortReason(error: unknown): string {
  const [first = ''] = messageOf(error).split('\n');
  return first.trim().replace(/:$/, '');
}
