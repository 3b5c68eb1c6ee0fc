import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, extname, join, basename } from 'node:path';

import { InputError, messageOf } from '../../core/errors.js';
import { lastLine, startFfmpeg, type Ffmpeg } from '../ffmpeg/process.js';
import type { Frame, FrameSink } from '../frame.js';

/** Endings that ask for a video rather than for a folder of pictures. */
export const videoEndings: readonly string[] = ['.mp4', '.mkv', '.mov', '.webm', '.avi'];

/** What {@link createVideoSink} writes. */
export interface VideoSinkOptions {
  readonly ffmpeg: string;
  readonly path: string;
  /** Frames per second; undefined: each frame is shown at the time when it came. */
  readonly fps: number | undefined;
}

/** Writes frames into a video by ffmpeg; the file appears when it is complete. */
export function createVideoSink(options: VideoSinkOptions): FrameSink {
  return new VideoSink(options);
}

class VideoSink implements FrameSink {
  private encoder: Ffmpeg | undefined;
  private size: readonly [number, number] = [0, 0];
  private readonly partial: string;

  constructor(private readonly options: VideoSinkOptions) {
    const { path } = options;
    const ending = extname(path);
    this.partial = join(dirname(path), `${basename(path, ending)}.${process.pid}.partial${ending}`);
  }

  async write(frame: Frame): Promise<void> {
    const encoder = (this.encoder ??= this.begin(frame));
    this.checkSize(frame);
    const written = new Promise<boolean>((resolve) =>
      // Called when the bytes are with the system, or with an error when ffmpeg is gone.
      encoder.stdin.write(frame.pixels, (error) => resolve(error === null || error === undefined)),
    );
    if (!(await written)) throw this.failed(lastLine(await encoder.ended));
  }

  async close(): Promise<void> {
    const { encoder, partial, options } = this;
    if (encoder === undefined) return;
    encoder.stdin.end();
    const end = await encoder.ended;
    if (end.code !== 0) {
      rmSync(partial, { force: true });
      throw this.failed(lastLine(end));
    }
    renameSync(partial, options.path);
  }

  private begin({ width, height }: Frame): Ffmpeg {
    const { ffmpeg, path, fps } = this.options;
    this.size = [width, height];
    makeFolder(dirname(path));
    return startFfmpeg(ffmpeg, [
      ...['-hide_banner', '-v', 'error', '-y'],
      ...(fps === undefined ? ['-use_wallclock_as_timestamps', '1'] : []),
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`],
      ...(fps === undefined ? [] : ['-r', String(fps)]),
      ...['-i', 'pipe:0', '-an', '-fps_mode', fps === undefined ? 'vfr' : 'cfr'],
      // Players want even sizes and this pixel format.
      ...['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2', '-pix_fmt', 'yuv420p', `file:${this.partial}`],
    ]);
  }

  private checkSize({ width, height }: Frame): void {
    const [w, h] = this.size;
    if (width === w && height === h) return;
    throw new InputError({
      where: this.options.path,
      received: `a frame of ${width}×${height} pixels after frames of ${w}×${h}`,
      expected: 'frames of one size in a video',
      remedy: 'annotate into a folder instead',
    });
  }

  private failed(reason: string): InputError {
    const received = `"${reason}" from ffmpeg`;
    return new InputError({ where: this.options.path, received, expected: 'a video that it can write' });
  }
}

/** @throws InputError where it cannot be made */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError(
      { where: path, received, expected: 'a folder that can be written' },
      { cause: error },
    );
  }
}
