import { Annotator } from '../live/annotate/annotate.js';
import { wholeFrame, type FaceDetector } from '../live/detector.js';
import type { Frame, FrameSink, FrameSource } from '../live/frame.js';
import { runLive, type LiveTotals } from '../live/pipeline.js';
import { openSink } from '../live/sinks/open-sink.js';
import type { UnreadableFrame } from '../live/sources/folder-source.js';
import { openSource, type SourceOptions } from '../live/sources/open-source.js';
import type { Recognizer } from '../live/recognizers/recognizer.js';
import { defaultSmoothing, FaceTracker, type Smoothing, type TrackedFace } from '../live/tracker.js';
import { openRecognizer, type RecognizerOptions } from './live-recognizer.js';

/** What {@link liveJob} looks at, with what, and where the answers go. */
export interface LiveOptions extends RecognizerOptions, Omit<SourceOptions, 'onUnreadable'> {
  /** Finds the faces, e.g. {@link openLiveDetector}; by default the whole frame is one. It is closed at the end. */
  readonly detector?: FaceDetector | undefined;
  /** Margin about a detected face, as a share of its longer side; by default the model's own. */
  readonly margin?: number | undefined;
  readonly smoothing?: Smoothing | undefined;
  /** A video file or a folder for annotated frames; by default none. */
  readonly annotate?: string | undefined;
  readonly maxFrames?: number | undefined;
  /** Ends the work in order. */
  readonly signal?: AbortSignal | undefined;
  readonly onFrame?: (frame: LiveFrame) => Promise<void> | void;
  readonly onUnreadable?: (picture: UnreadableFrame) => void;
}

/** A frame's answers. */
export interface LiveFrame {
  readonly frame: number;
  /** Seconds since the first frame. */
  readonly time: number;
  readonly file?: string;
  readonly faces: readonly LiveFace[];
}

/** One face's answer. */
export interface LiveFace {
  readonly track: number;
  /** [x, y, width, height] in pixels. */
  readonly box: readonly [number, number, number, number];
  readonly score: number;
  readonly keyPoints: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  /** The class that is shown, smoothed, with its probability. */
  readonly class: string;
  readonly probability: number;
  /** By class, smoothed over time. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** By class, of this frame alone. */
  readonly unsmoothed: Readonly<Record<string, number>>;
}

/** What came of it. */
export interface LiveSummary extends LiveTotals {
  readonly engine: string;
  readonly detector: string;
  /** Pictures that could not be read. */
  readonly unreadable: number;
  readonly ended: 'source' | 'frames' | 'interrupted' | 'failed';
}

/** How a job ended; a stream that breaks has a summary, too. */
export interface LiveOutcome {
  readonly summary: LiveSummary;
  readonly failure?: unknown;
}

/**
 * Recognizes expressions in a stream of frames until it ends.
 *
 * @throws InputError when source, model, engine or place to write cannot be opened; what fails later is in the outcome
 * @example
 * const backend = { kind: 'ort', runtime: ortNode() } as const;
 * const { summary } = await liveJob({ source: 'video.mp4', model: 'mien', backend, onFrame: console.log });
 */
export async function liveJob(options: LiveOptions): Promise<LiveOutcome> {
  try {
    const recognizer = await openRecognizer(options);
    try {
      return await look(options, recognizer);
    } finally {
      await recognizer.close();
    }
  } finally {
    await options.detector?.close?.();
  }
}

async function look(options: LiveOptions, recognizer: Recognizer): Promise<LiveOutcome> {
  const { detector = wholeFrame(), smoothing = defaultSmoothing, annotate, signal } = options;
  const tracker = new FaceTracker(smoothing);
  let unreadable = 0;
  const onUnreadable = (picture: UnreadableFrame) => {
    unreadable++;
    options.onUnreadable?.(picture);
  };
  const { frames: source, clock } = await openSource({ ...options, onUnreadable });
  const sink = await closingOnError(source, () =>
    annotate === undefined ? undefined : openSink({ out: annotate, ffmpeg: options.ffmpeg, fps: clock }),
  );
  const output = outputOf(options, recognizer, sink);
  const { margin, maxFrames } = options;
  const run = runLive({
    ...{ source, detector, recognizer, tracker, onFrame: output },
    ...(margin === undefined ? {} : { margin }),
    ...(maxFrames === undefined ? {} : { maxFrames }),
    ...(signal === undefined ? {} : { signal }),
  });
  const broken = await failureOf(run.finished);
  // What was written is completed in any case.
  const unfinished = await failureOf(sink?.close());
  const failure = broken ?? unfinished;
  const totals = run.totals();
  const ended = endOf(failure, totals, options);
  const summary = { engine: recognizer.name, detector: detector.name, unreadable, ended, ...totals };
  return failure === undefined ? { summary } : { summary, failure: failure.error };
}

function outputOf(options: LiveOptions, { classes }: Recognizer, sink: FrameSink | undefined) {
  const annotator = new Annotator(classes);
  return async (frame: Frame, faces: readonly TrackedFace[]): Promise<void> => {
    if (sink !== undefined) {
      annotator.draw(frame, faces);
      await sink.write(frame);
    }
    await options.onFrame?.(answersOf(frame, faces, classes));
  };
}

function answersOf(
  { index, time, file }: Frame,
  faces: readonly TrackedFace[],
  classes: readonly string[],
): LiveFrame {
  const byClass = (values: Float32Array) =>
    Object.fromEntries(classes.map((name, k) => [name, rounded(values[k] ?? 0)]));
  return {
    frame: index,
    time: rounded(time),
    ...(file === undefined ? {} : { file }),
    faces: faces.map(({ track, box: { x, y, width, height }, score, keyPoints, ...face }) => ({
      track,
      box: [x, y, width, height],
      score,
      keyPoints,
      class: classes[face.shown] ?? '',
      probability: rounded(face.smoothed[face.shown] ?? 0),
      probabilities: byClass(face.smoothed),
      unsmoothed: byClass(face.probabilities),
    })),
  };
}

/** Six decimals, so that lines stay short. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Ends a stream that is open already when the next step fails. */
async function closingOnError<T>(source: FrameSource, open: () => T): Promise<T> {
  try {
    return open();
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function failureOf(work: Promise<void> | undefined): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return { error };
  }
}

function endOf(
  failure: object | undefined,
  { frames }: LiveTotals,
  options: LiveOptions,
): LiveSummary['ended'] {
  if (failure !== undefined) return 'failed';
  if (options.signal?.aborted === true) return 'interrupted';
  return frames >= (options.maxFrames ?? Infinity) ? 'frames' : 'source';
}
