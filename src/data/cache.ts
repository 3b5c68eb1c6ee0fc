import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import type { Rejected } from './csv.js';
import { type ImageSet, imageBytes } from './images.js';

/** What one cache file holds: the pictures, and the record of how they were found. */
export interface CachedImages {
  readonly images: ImageSet;
  readonly rejected: readonly Rejected[];
  /** Pictures or rows found, whether taken or not. */
  readonly found: number;
}

/** Everything but the pixels, as it stands in the file. */
interface Header extends Omit<CachedImages, 'images'> {
  readonly images: Omit<ImageSet, 'pixels' | 'labels'> & { readonly labels: readonly number[] };
}

/**
 * Layout: magic (16 bytes), SHA-256 of all that follows (32), length of the header (uint32 little-endian),
 * header (JSON, UTF-8), pixels. Change the version here when the layout or the decoding changes.
 */
const magic = Buffer.from('mien-images v1\n\0', 'latin1');
const hashEnd = magic.length + 32;
const headerStart = hashEnd + 4;

/** The cache file of the data that `parts` describe, e.g. each file's name, size and time, and the options. */
export function cachePath(folder: string, parts: readonly string[]): string {
  const hash = createHash('sha256').update(magic);
  // Lengths keep ["ab", "c"] and ["a", "bc"] apart.
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return join(folder, `images-${hash.digest('hex').slice(0, 32)}.bin`);
}

/**
 * Writes decoded pictures to one file, atomically.
 * @throws InputError when the folder is not writable or the disk is full.
 */
export function writeCache(path: string, { images, rejected, found }: CachedImages): void {
  const { pixels, labels, ...rest } = images;
  const record: Header = { images: { ...rest, labels: Array.from(labels) }, rejected, found };
  const header = Buffer.from(JSON.stringify(record), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = [length, header, pixels];
  writeFileAtomic(path, Buffer.concat([magic, checksum(body), ...body]));
}

/** Reads a cache file; undefined when there is none, or when it is truncated, damaged or of another version. */
export function readCache(path: string): CachedImages | undefined {
  const bytes = readIfPresent(path);
  if (bytes === undefined || bytes.length < headerStart) return undefined;
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  if (!bytes.subarray(magic.length, hashEnd).equals(checksum([bytes.subarray(hashEnd)]))) return undefined;
  const headerEnd = headerStart + bytes.readUInt32LE(hashEnd);
  const header = JSON.parse(bytes.toString('utf8', headerStart, headerEnd)) as Header;
  const pixels = new Uint8Array(bytes.buffer, bytes.byteOffset + headerEnd, bytes.length - headerEnd);
  const labels = Int32Array.from(header.images.labels);
  if (pixels.length !== labels.length * imageBytes(header.images)) return undefined;
  return { ...header, images: { ...header.images, pixels, labels } };
}

function checksum(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // A cache that cannot be read is rebuilt; writing it anew reports what is wrong with the folder.
    return undefined;
  }
}
