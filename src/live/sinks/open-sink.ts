import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';

import { InputError } from '../../core/errors.js';
import type { FrameSink } from '../frame.js';
import { createPngSink } from './png-sink.js';
import { createVideoSink, videoEndings } from './video-sink.js';

/** What {@link openSink} writes. */
export interface SinkOptions {
  /** A video by its ending (.mp4, .mkv, .mov, .webm, .avi), else a folder of PNG files. */
  readonly out: string;
  readonly ffmpeg?: string | undefined;
  /** Frames per second of the video; undefined: each frame at the time when it comes. */
  readonly fps: number | undefined;
}

/** Opens a place for annotated frames. @throws InputError when it cannot be written */
export function openSink({ out, ffmpeg = 'ffmpeg', fps }: SinkOptions): FrameSink {
  if (videoEndings.includes(extname(out).toLowerCase())) return createVideoSink({ ffmpeg, path: out, fps });
  if (existsSync(out) && !statSync(out).isDirectory()) {
    const expected = `a folder, or a video (${videoEndings.join(', ')})`;
    throw new InputError({ where: '--annotate', received: `the file "${out}"`, expected });
  }
  return createPngSink(out);
}
