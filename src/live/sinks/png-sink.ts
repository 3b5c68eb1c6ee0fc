import { join } from 'node:path';

import sharp from 'sharp';

import { InputError, messageOf } from '../../core/errors.js';
import type { Frame, FrameSink } from '../frame.js';
import { makeFolder } from './video-sink.js';

/** Writes every frame as `frame_000001.png`, numbered as in its stream. @throws InputError for an unwritable folder */
export function createPngSink(folder: string): FrameSink {
  makeFolder(folder);
  return {
    write: (frame) => writePng(join(folder, nameOf(frame)), frame),
    close: () => Promise.resolve(),
  };
}

function nameOf({ index }: Frame): string {
  return `frame_${String(index + 1).padStart(6, '0')}.png`;
}

async function writePng(path: string, { width, height, channels, pixels }: Frame): Promise<void> {
  try {
    // Little compression: speed counts, and the pictures are looked at and thrown away.
    await sharp(pixels, { raw: { width, height, channels } }).png({ compressionLevel: 2 }).toFile(path);
  } catch (error) {
    const received = `"${messageOf(error)}" while writing`;
    throw new InputError(
      { where: path, received, expected: 'a writable folder with free space' },
      { cause: error },
    );
  }
}
