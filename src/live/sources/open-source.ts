import { probeVideo } from '../ffmpeg/probe.js';
import type { FrameSource } from '../frame.js';
import { openFolder, type UnreadableFrame } from './folder-source.js';
import { inputArgs, type CameraWish } from './input-args.js';
import { parseSource, redacted } from './source-name.js';
import { defaultQueue, openVideo } from './video-source.js';

/** What {@link openSource} opens. */
export interface SourceOptions {
  /** A camera (`0`), a video, a folder of pictures, or a stream (`rtsp://…`). */
  readonly source: string;
  /** Frames per second: of a folder (25 by default), to read a video at, or to ask of a camera. */
  readonly fps?: number | undefined;
  /** Play files as they would be seen, and drop the oldest frame when they are not taken in time. */
  readonly realtime?: boolean | undefined;
  /** Frames that may wait: 4 by default, 2 of a live source. */
  readonly queue?: number | undefined;
  /** `640x480`, to ask of a camera. */
  readonly cameraSize?: string | undefined;
  /** The program; default `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
  readonly onUnreadable?: ((picture: UnreadableFrame) => void) | undefined;
}

/** A stream with what decides how it is written again. */
export interface OpenedSource {
  readonly frames: FrameSource;
  /** Frames per second of the stream's own clock; undefined where this machine's clock counts. */
  readonly clock: number | undefined;
}

/** Pictures per second of a folder. */
const FOLDER_FPS = 25;
/** What is shown of a live source should be what happens now. */
const LIVE_QUEUE = 2;

/** Opens a stream of frames. @throws InputError when there is none; what breaks later, `next` throws */
export async function openSource(options: SourceOptions): Promise<OpenedSource> {
  const { realtime = false, ffmpeg = 'ffmpeg', onUnreadable } = options;
  const name = parseSource(options.source);
  if (name.kind === 'folder') {
    const { fps = FOLDER_FPS, queue = realtime ? LIVE_QUEUE : defaultQueue } = options;
    const extra = onUnreadable === undefined ? {} : { onUnreadable };
    const frames = openFolder({ path: name.path, fps, realtime, queue, ...extra });
    return { frames, clock: realtime ? undefined : fps };
  }
  const where = redacted(options.source);
  if (name.kind === 'file') {
    const fps = options.fps ?? (await probeVideo(ffmpeg, name.path)).fps;
    const { queue = realtime ? LIVE_QUEUE : defaultQueue } = options;
    const pace = realtime ? 'paced' : 'file';
    const frames = openVideo({ ffmpeg, input: inputArgs(name), where, fps, pace, queue });
    return { frames, clock: realtime ? undefined : fps };
  }
  const wish: CameraWish = { size: options.cameraSize, fps: options.fps };
  const { queue = LIVE_QUEUE } = options;
  const frames = openVideo({
    ffmpeg,
    input: inputArgs(name, wish),
    where,
    fps: undefined,
    pace: 'live',
    queue,
  });
  return { frames, clock: undefined };
}
