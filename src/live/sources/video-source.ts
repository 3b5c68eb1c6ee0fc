import { InputError, messageOf } from '../../core/errors.js';
import { BufferPool } from '../buffer-pool.js';
import { lastLine, startFfmpeg, type Ffmpeg } from '../ffmpeg/process.js';
import { PpmReader, type PpmHeader } from '../ffmpeg/ppm.js';
import { FrameQueue } from '../frame-queue.js';
import type { Frame, FrameSource } from '../frame.js';

/** What {@link openVideo} reads. */
export interface VideoOptions {
  /** The program, by name or path. */
  readonly ffmpeg: string;
  /** Arguments that open the input, up to `-i`. */
  readonly input: readonly string[];
  /** Names the source in messages. */
  readonly where: string;
  /** Frames per second to read a file at: frames are repeated or left out to keep its clock. Undefined: as they come. */
  readonly fps: number | undefined;
  /** `file`: its own clock, nothing lost; `paced`: read as fast as it plays; `live`: what comes comes. */
  readonly pace: 'file' | 'paced' | 'live';
  /** Frames that may wait; default 4. */
  readonly queue?: number;
}

/** Frames that wait for their turn, unless told otherwise. */
export const defaultQueue = 4;

/**
 * Frames of a video by ffmpeg, a child process that writes raw RGB pictures into a pipe.
 *
 * A file is read no faster than its frames are taken. Of a live source the newest frames are kept.
 */
export function openVideo(options: VideoOptions): FrameSource {
  const ffmpeg = startFfmpeg(options.ffmpeg, argsOf(options));
  ffmpeg.stdin.end();
  return new VideoSource(ffmpeg, options);
}

function argsOf({ input, fps, pace }: VideoOptions): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error'],
    ...(pace === 'paced' ? ['-re'] : []),
    ...input,
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    ...(fps === undefined ? ['-fps_mode', 'passthrough'] : ['-vf', `fps=${fps}`]),
    ...['-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', 'pipe:1'],
  ];
}

class VideoSource implements FrameSource {
  private readonly queue: FrameQueue;
  private readonly pool: BufferPool;
  private readonly reader: PpmReader;
  private readonly done: Promise<void>;
  private count = 0;
  private started = 0;
  private closed = false;

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly options: VideoOptions,
  ) {
    const { queue = defaultQueue, pace } = options;
    this.queue = new FrameQueue(queue, pace === 'file' ? 'wait' : 'drop-oldest');
    // The frame that is filled and the one that is looked at come on top.
    this.pool = new BufferPool(queue + 2);
    this.reader = new PpmReader({
      lend: (length) => this.pool.lend(length),
      picture: (header, pixels) => this.queue.push(this.frame(header, pixels)),
    });
    ffmpeg.stdout.on('data', (chunk: Uint8Array) => this.take(chunk));
    this.done = this.watch();
  }

  get fps(): number | undefined {
    return this.options.fps;
  }

  get dropped(): number {
    return this.queue.dropped;
  }

  next(): Promise<Frame | undefined> {
    return this.queue.next();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.queue.discard();
    this.ffmpeg.stdout.destroy();
    this.ffmpeg.kill();
    await this.done;
  }

  private take(chunk: Uint8Array): void {
    if (this.closed) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.queue.end(broken(this.options.where, messageOf(error)));
      this.ffmpeg.kill();
    }
    if (this.queue.isFull) this.pause();
  }

  private pause(): void {
    const { stdout } = this.ffmpeg;
    if (stdout.isPaused()) return;
    stdout.pause();
    void this.queue.space().then(() => stdout.resume());
  }

  private frame({ width, height }: PpmHeader, pixels: Uint8Array): Frame {
    const arrived = performance.now();
    if (this.count === 0) this.started = arrived;
    const index = this.count++;
    const { fps, pace } = this.options;
    const time = fps === undefined || pace === 'live' ? (arrived - this.started) / 1000 : index / fps;
    const release = () => this.pool.giveBack(pixels);
    return { index, time, arrived, width, height, channels: 3, pixels, release };
  }

  /** Ends the queue when ffmpeg ends, with what it had to say. */
  private async watch(): Promise<void> {
    try {
      const end = await this.ffmpeg.ended;
      const failed = end.code !== 0 || this.count === 0 || !this.reader.isComplete;
      const received = this.count === 0 ? 'no frame' : this.endSeen();
      if (failed) this.queue.end(broken(this.options.where, `${received} (${lastLine(end)})`));
      else this.queue.end();
    } catch (error) {
      this.queue.end(error);
    }
  }

  private endSeen(): string {
    const { count, reader } = this;
    return reader.isComplete
      ? `the end after ${count} frames`
      : `the end inside a frame after ${count} whole ones`;
  }
}

function broken(where: string, received: string): InputError {
  return new InputError({ where, received, expected: 'frames from ffmpeg' });
}
