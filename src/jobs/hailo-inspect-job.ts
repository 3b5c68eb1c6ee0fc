import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { InputError, messageOf } from '../core/errors.js';
import type { ByteSource } from '../export/hailo/bytes.js';
import type { HarDescription } from '../export/hailo/har/description.js';
import { describeHar } from '../export/hailo/har/describe.js';
import { looksLikeGzip } from '../export/hailo/har/gunzip.js';
import { looksLikeTar } from '../export/hailo/har/tar.js';
import { formatHar } from '../export/hailo/har/text.js';
import type { HefDescription } from '../export/hailo/hef/description.js';
import { describeHef } from '../export/hailo/hef/describe.js';
import { formatHef } from '../export/hailo/hef/text.js';

/** What {@link inspectHailo} found: a HEF or a HAR, told apart by `format`. */
export type HailoInspection = (HefDescription | HarDescription) & { readonly file: string };

/** Bytes by which a file's kind is told: a tar header. */
const START = 512;

/**
 * Describes a file of Hailo's compiler, a HEF or a HAR, by its content rather than its name.
 *
 * The file is read in pieces: memory follows its descriptive part, not its size.
 *
 * @throws InputError when it cannot be read, is neither, or is damaged.
 * @example
 * console.log(formatHailo(inspectHailo('model.hef')));
 */
export function inspectHailo(path: string): HailoInspection {
  const descriptor = opened(path);
  try {
    const file = fileSource(path, descriptor);
    const start = file.read(0, Math.min(START, file.size));
    const isArchive = looksLikeGzip(start) || looksLikeTar(start);
    if (!isArchive && /\.har$/i.test(path)) throw noHar(path);
    const found = isArchive ? describeHar(file, path) : describeHef(file, path);
    return { file: path, ...found };
  } finally {
    closeSync(descriptor);
  }
}

/** The inspection as text for people. */
export function formatHailo(found: HailoInspection): string {
  return found.format === 'hef' ? formatHef(found) : formatHar(found);
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function fileSource(path: string, descriptor: number): ByteSource {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw new InputError({ where: path, received: 'no regular file', expected: FILES });
  return {
    size: status.size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const read = readPiece(path, descriptor, bytes, done, offset);
        if (read === 0) throw unreadable(path, new Error('the file became shorter'));
        done += read;
      }
      return bytes;
    },
  };
}

function readPiece(
  path: string,
  descriptor: number,
  bytes: Uint8Array,
  done: number,
  offset: number,
): number {
  try {
    return readSync(descriptor, bytes, done, bytes.length - done, offset + done);
  } catch (error) {
    throw unreadable(path, error);
  }
}

const FILES = 'a HEF or a HAR';

function unreadable(path: string, error: unknown): InputError {
  const received = `a file that cannot be read (${messageOf(error)})`;
  return new InputError({ where: path, received, expected: FILES }, { cause: error });
}

function noHar(path: string): InputError {
  return new InputError({ where: path, received: 'a file that is no tar archive', expected: 'a HAR' });
}
