import { KEY_POINTS, type DetectedFace, type Window } from './face.js';

/** Numbers per anchor: box middle and size, then six key points. */
const VALUES = 4 + 2 * KEY_POINTS.length;
/** Logits beyond are clipped before the sigmoid, as MediaPipe does. */
const CLIP = 100;

/** What a BlazeFace network says about one window. */
export interface RawFaces {
  /** `[anchor, 16]`, in pixels of the network's input, relative to the anchor's middle. */
  readonly regressors: Float32Array;
  /** `[anchor]`, logits. */
  readonly logits: Float32Array;
}

/** How a network's output is read. */
export interface DecodeOptions {
  /** `[anchor, (x, y)]`, in units of the input's side. */
  readonly anchors: Float32Array;
  /** Side of the network's input, pixels. */
  readonly size: number;
  /** Lowest score that counts, in 0..1. */
  readonly threshold: number;
}

/** Faces in a window above a score, in pixels of the picture, in the order of the anchors and not yet merged. */
export function decodeFaces(raw: RawFaces, window: Window, options: DecodeOptions): DetectedFace[] {
  const least = logitOf(options.threshold);
  const faces: DetectedFace[] = [];
  for (let anchor = 0; anchor < raw.logits.length; anchor++) {
    const logit = raw.logits[anchor] ?? -Infinity;
    if (logit >= least) faces.push(faceAt(anchor, sigmoid(logit), raw.regressors, window, options));
  }
  return faces;
}

function faceAt(
  anchor: number,
  score: number,
  regressors: Float32Array,
  window: Window,
  { anchors, size }: DecodeOptions,
): DetectedFace {
  const [anchorX, anchorY] = [anchors[2 * anchor] ?? 0, anchors[2 * anchor + 1] ?? 0];
  const value = (i: number) => (regressors[anchor * VALUES + i] ?? 0) / size;
  const x = (i: number) => window.x + (value(i) + anchorX) * window.side;
  const y = (i: number) => window.y + (value(i) + anchorY) * window.side;
  const [width, height] = [value(2) * window.side, value(3) * window.side];
  return {
    score,
    box: { x: x(0) - width / 2, y: y(1) - height / 2, width, height },
    keyPoints: KEY_POINTS.map((name, i) => ({ name, x: x(4 + 2 * i), y: y(5 + 2 * i) })),
  };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-Math.min(CLIP, Math.max(-CLIP, logit))));
}

function logitOf(score: number): number {
  return Math.log(score / (1 - score));
}
