import type { Preprocessing } from '../core/preprocessing.js';
import type { Picture } from '../data/images.js';
import { cutFace, framingOf } from '../faces/crop-face.js';
import type { DetectedFace, FaceDetector } from '../faces/face.js';
import { cropFace } from './crop.js';
import type { Frame, FrameSource } from './frame.js';
import { TimeHistogram, type StageTimes } from './histogram.js';
import type { Recognizer } from './recognizers/recognizer.js';
import type { FaceTracker, RecognizedFace, TrackedFace } from './tracker.js';

/** Stages of a frame's way, in order; `total` is from its arrival to its answer. */
export const STAGES = ['queue', 'detect', 'crop', 'expression', 'smooth', 'output', 'total'] as const;
export type StageName = (typeof STAGES)[number];

/** What {@link runLive} is made of. */
export interface LiveParts {
  readonly source: FrameSource;
  readonly detector: FaceDetector;
  readonly recognizer: Recognizer;
  readonly tracker: FaceTracker;
  /** Margin about a tight box, as a share of its longer side; by default the model's own. */
  readonly margin?: number;
  /** Frames to look at; all by default. */
  readonly maxFrames?: number;
  /** Ends the work after the frame at hand. */
  readonly signal?: AbortSignal;
  /** Takes each frame with its faces; its pixels may be drawn on. The frame is gone when the promise resolves. */
  readonly onFrame: (frame: Frame, faces: readonly TrackedFace[]) => Promise<void>;
}

/** What came of it. */
export interface LiveTotals {
  readonly frames: number;
  readonly faces: number;
  readonly dropped: number;
  /** From the first frame's arrival to the last answer. */
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Milliseconds per frame; `crop` and `expression` per face. */
  readonly stages: Readonly<Record<StageName, StageTimes>>;
}

/** A stream being looked at. */
export interface LiveRun {
  /** Resolves at the stream's end, after `maxFrames` or an abort. @throws what a part throws */
  readonly finished: Promise<void>;
  /** Figures so far. */
  totals(): LiveTotals;
}

/**
 * Looks at a stream, one frame after another: faces, square crops, expressions, smoothing, output.
 *
 * Memory does not grow with the stream: frames come from a pool, times go into histograms. The source is closed at the
 * end, also after an error.
 */
export function runLive(parts: LiveParts): LiveRun {
  const pipeline = new Pipeline(parts);
  return { finished: pipeline.run(), totals: () => pipeline.totals() };
}

class Pipeline {
  private readonly times = Object.fromEntries(STAGES.map((stage) => [stage, new TimeHistogram()])) as Record<
    StageName,
    TimeHistogram
  >;
  private frames = 0;
  private faces = 0;
  private first: number | undefined;
  private last = 0;

  constructor(private readonly parts: LiveParts) {}

  async run(): Promise<void> {
    const { source, signal, maxFrames = Infinity } = this.parts;
    const stop = () => void source.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      while (this.frames < maxFrames && signal?.aborted !== true) {
        const frame = await source.next();
        if (frame === undefined) break;
        await this.look(frame);
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await source.close();
    }
  }

  totals(): LiveTotals {
    const seconds = this.first === undefined ? 0 : (this.last - this.first) / 1000;
    const stages = Object.fromEntries(STAGES.map((stage) => [stage, this.times[stage].times()])) as Record<
      StageName,
      StageTimes
    >;
    return {
      frames: this.frames,
      faces: this.faces,
      dropped: this.parts.source.dropped,
      seconds,
      framesPerSecond: seconds === 0 ? 0 : this.frames / seconds,
      stages,
    };
  }

  private async look(frame: Frame): Promise<void> {
    this.first ??= frame.arrived;
    this.times.queue.add(performance.now() - frame.arrived);
    const found = await this.timed('detect', () => this.parts.detector.detect(frame));
    const recognized: RecognizedFace[] = [];
    for (const face of found) recognized.push(await this.recognize(frame, face));
    const faces = await this.timed('smooth', () => this.parts.tracker.update(frame.time, recognized));
    await this.timed('output', () => this.parts.onFrame(frame, faces));
    frame.release();
    this.last = performance.now();
    this.times.total.add(this.last - frame.arrived);
    this.frames++;
    this.faces += faces.length;
  }

  private async recognize(frame: Frame, face: DetectedFace): Promise<RecognizedFace> {
    const { recognizer } = this.parts;
    const { preprocessing } = recognizer;
    const crop = await this.timed('crop', () => this.crop(frame, face, preprocessing));
    const probabilities = await this.timed('expression', () => recognizer.recognize(crop));
    return { ...face, probabilities };
  }

  /** With key points as `mien predict` does, upright; else the square about the box. */
  private crop(frame: Frame, face: DetectedFace, preprocessing: Preprocessing): Picture {
    const { detector, margin } = this.parts;
    const tight = detector.tight && face.tight !== false;
    if (!tight || face.keyPoints.length === 0)
      return cropFace(frame, face.box, tight ? (margin ?? preprocessing.cropMargin) : 0, preprocessing);
    const rule = framingOf(preprocessing);
    return cutFace(frame, face, preprocessing, margin === undefined ? rule : { ...rule, margin });
  }

  private async timed<T>(stage: StageName, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.times[stage].add(performance.now() - started);
    return result;
  }
}
