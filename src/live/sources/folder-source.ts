import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { InputError, messageOf } from '../../core/errors.js';
import { decodeImage, toColour } from '../../data/decode.js';
import { imageEndings } from '../../data/folder.js';
import { FrameQueue } from '../frame-queue.js';
import type { Frame, FrameSource } from '../frame.js';
import { defaultQueue } from './video-source.js';

/** A picture that could not be read. */
export interface UnreadableFrame {
  /** Its place in the folder, from 0. */
  readonly index: number;
  readonly file: string;
  /** What is wrong, in one sentence. */
  readonly error: string;
}

/** What {@link openFolder} reads. */
export interface FolderSourceOptions {
  readonly path: string;
  /** Pictures per second, for the clock of smoothing and video. */
  readonly fps: number;
  /** Deal the pictures out as a camera would, and drop the oldest when nobody takes them. */
  readonly realtime?: boolean;
  /** Frames that may wait. */
  readonly queue?: number;
  readonly onUnreadable?: (picture: UnreadableFrame) => void;
}

/**
 * The pictures of a folder as frames, in the order of their names, numbers by their value. Needs no ffmpeg.
 * @throws InputError when there is none
 */
export function openFolder(options: FolderSourceOptions): FrameSource {
  const names = picturesIn(options.path);
  const { fps, realtime = false, queue: capacity = defaultQueue } = options;
  const queue = new FrameQueue(capacity, realtime ? 'drop-oldest' : 'wait');
  let closed = false;
  // What the caller's own function throws reaches whoever takes frames.
  const done = fill(queue, names, options, () => closed).catch((error: unknown) => queue.end(error));
  return {
    fps,
    get dropped() {
      return queue.dropped;
    },
    next: () => queue.next(),
    close: async () => {
      closed = true;
      queue.discard();
      await done;
    },
  };
}

async function fill(
  queue: FrameQueue,
  names: readonly string[],
  options: FolderSourceOptions,
  isClosed: () => boolean,
): Promise<void> {
  const started = performance.now();
  for (const [index, name] of names.entries()) {
    if (isClosed()) return;
    const frame = await readFrame(index, name, options);
    if (options.realtime === true) await until(started + (index / options.fps) * 1000);
    await queue.space();
    // The wait for its turn is no part of the time to its answer.
    if (frame !== undefined) queue.push({ ...frame, arrived: performance.now() });
  }
  queue.end();
}

async function readFrame(
  index: number,
  name: string,
  { path, fps, onUnreadable }: FolderSourceOptions,
): Promise<Omit<Frame, 'arrived'> | undefined> {
  const file = join(path, name);
  try {
    const { width, height, pixels } = toColour(await decodeImage(await readFile(file), file), 'rgb');
    const release = () => undefined;
    return { index, time: index / fps, width, height, channels: 3, pixels, file, release };
  } catch (error) {
    onUnreadable?.({
      index,
      file,
      error: error instanceof InputError ? error.message : `${file}: ${messageOf(error)}`,
    });
    return undefined;
  }
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

function picturesIn(folder: string): string[] {
  const names = entriesOf(folder).filter(
    (name) => !name.startsWith('.') && imageEndings.includes(extname(name).toLowerCase()),
  );
  if (names.length === 0) {
    const expected = `files of type ${imageEndings.map((ending) => ending.slice(1)).join(', ')}`;
    throw new InputError({ where: folder, received: 'no picture', expected });
  }
  const order = new Intl.Collator('en', { numeric: true });
  return names.sort((a, b) => order.compare(a, b));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new InputError(
      { where: folder, received: `"${messageOf(error)}"`, expected: 'a folder of pictures' },
      { cause: error },
    );
  }
}
