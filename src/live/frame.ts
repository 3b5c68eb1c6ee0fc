import type { Picture } from '../data/images.js';

/** One picture of a stream. */
export interface Frame extends Picture {
  readonly channels: 3;
  /** Number of the frame in its stream, from 0; dropped frames keep their numbers. */
  readonly index: number;
  /** Seconds since the stream's first frame: by the file's clock, for live streams by this machine's. */
  readonly time: number;
  /** When the frame was complete here, by `performance.now()`, milliseconds. */
  readonly arrived: number;
  /** Where the frame came from, for a folder of pictures. */
  readonly file?: string;
  /** Gives the pixels back for the next frame; they must not be read afterwards. */
  release(): void;
}

/** A stream of frames. */
export interface FrameSource {
  /** Frames per second that the stream claims; undefined for live streams that do not say. */
  readonly fps: number | undefined;
  /** Frames that were thrown away because nobody took them in time. */
  readonly dropped: number;
  /**
   * The next frame; undefined when the stream has ended or was closed.
   * @throws InputError when the stream breaks
   */
  next(): Promise<Frame | undefined>;
  /** Stops the stream; waiting calls of `next` end with undefined. */
  close(): Promise<void>;
}

/** Where pictures go that were looked at. */
export interface FrameSink {
  /** Takes a frame; its pixels are free again when the promise resolves. */
  write(frame: Frame): Promise<void>;
  /** Completes what was written. @throws InputError when that fails */
  close(): Promise<void>;
}
