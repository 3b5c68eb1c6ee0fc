import { checkNumber } from '../core/checks.js';
import { bestOf } from '../core/rows.js';
import { overlapOf, type Box, type DetectedFace } from '../faces/face.js';

/** How answers are smoothed over time. */
export interface Smoothing {
  /** Seconds after which an old answer counts for 37 % (1/e); 0: only the present frame counts. */
  readonly timeConstant: number;
  /** By how much another class must lead before it is shown, in 0..1; 0: the most probable class at once. */
  readonly hysteresis: number;
}

/** What {@link FaceTracker} does unless told otherwise. */
export const defaultSmoothing: Smoothing = { timeConstant: 0.3, hysteresis: 0.1 };

/** A face with its answer in one frame. */
export interface RecognizedFace extends DetectedFace {
  /** Class probabilities of this frame alone, sum 1. */
  readonly probabilities: Float32Array;
}

/** A face that is followed through the frames. */
export interface TrackedFace extends RecognizedFace {
  /** Number of the track, from 1. */
  readonly track: number;
  /** Class probabilities smoothed over time, sum 1. */
  readonly smoothed: Float32Array;
  /** Position of the class that is shown: changes only when another leads by the hysteresis. */
  readonly shown: number;
}

interface Track {
  readonly number: number;
  box: Box;
  seen: number;
  smoothed: Float32Array;
  shown: number;
}

/** Overlap (intersection over union) from which two boxes are the same face. */
const SAME_FACE = 0.3;
/** Seconds without being seen after which a track ends. */
const FORGOTTEN = 1;

/**
 * Follows faces by the overlap of their boxes and smooths each one's answers: exponentially, by the time that has
 * passed rather than by the frame, and with hysteresis for the class that is shown.
 *
 * @example
 * const tracker = new FaceTracker({ timeConstant: 0.3, hysteresis: 0.1 });
 * const [face] = tracker.update(frame.time, [{ box, score, keyPoints: [], probabilities }]);
 */
export class FaceTracker {
  private tracks: Track[] = [];
  private last = 0;

  /** @throws InputError when a figure is out of range */
  constructor(private readonly smoothing: Smoothing = defaultSmoothing) {
    checkNumber('smoothing', smoothing.timeConstant, 0);
    checkNumber('hysteresis', smoothing.hysteresis, 0, 1);
  }

  /**
   * The faces of the next frame with their tracks, in the order given.
   * @param time seconds, not before the frame before
   */
  update(time: number, faces: readonly RecognizedFace[]): TrackedFace[] {
    this.tracks = this.tracks.filter(({ seen }) => time - seen <= FORGOTTEN);
    const matches = this.match(faces);
    return faces.map((face, i) => {
      const track = matches[i] ?? this.begin(time, face);
      this.renew(track, time, face);
      return { ...face, track: track.number, smoothed: track.smoothed.slice(), shown: track.shown };
    });
  }

  /** The track of each face, best overlap first. */
  private match(faces: readonly RecognizedFace[]): (Track | undefined)[] {
    const pairs = this.tracks
      .flatMap((track) => faces.map((face, i) => ({ track, i, overlap: overlapOf(track.box, face.box) })))
      .filter(({ overlap }) => overlap >= SAME_FACE)
      .sort((a, b) => b.overlap - a.overlap);
    const matches = new Array<Track | undefined>(faces.length).fill(undefined);
    const taken = new Set<Track>();
    for (const { track, i } of pairs) {
      if (matches[i] !== undefined || taken.has(track)) continue;
      matches[i] = track;
      taken.add(track);
    }
    return matches;
  }

  private begin(time: number, { box, probabilities }: RecognizedFace): Track {
    const smoothed = probabilities.slice();
    const track = {
      number: ++this.last,
      box,
      seen: time,
      smoothed,
      shown: bestOf(smoothed, 0, smoothed.length),
    };
    this.tracks.push(track);
    return track;
  }

  private renew(track: Track, time: number, { box, probabilities }: RecognizedFace): void {
    const { timeConstant, hysteresis } = this.smoothing;
    const weight = timeConstant === 0 ? 1 : 1 - Math.exp(-Math.max(0, time - track.seen) / timeConstant);
    const { smoothed } = track;
    probabilities.forEach((value, k) => (smoothed[k] = (1 - weight) * (smoothed[k] ?? 0) + weight * value));
    const best = bestOf(smoothed, 0, smoothed.length);
    if ((smoothed[best] ?? 0) > (smoothed[track.shown] ?? 0) + hysteresis) track.shown = best;
    track.box = box;
    track.seen = time;
  }
}
