import type { Picture } from '../data/images.js';

/** A rectangle in pixels of the picture, from its upper left corner; it may reach beyond the picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place in a face, in pixels of the picture. */
export interface KeyPoint {
  /** One of {@link KEY_POINTS}. */
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** BlazeFace's key points in its order; right and left are the person's. */
export const KEY_POINTS = ['right eye', 'left eye', 'nose tip', 'mouth', 'right ear', 'left ear'] as const;

/** A face that was found. */
export interface DetectedFace {
  readonly box: Box;
  /** How sure the detector is, in 0..1. */
  readonly score: number;
  readonly keyPoints: readonly KeyPoint[];
  /** The same as seen from close by, where that was done: steadier, and what crops are framed by. */
  readonly close?: Pick<DetectedFace, 'box' | 'keyPoints'>;
  /** False: the box is the face as it is to be cut, whatever is true of the detector's other boxes. */
  readonly tight?: false;
}

/** A network that finds faces. */
export interface FaceNet {
  /** Faces in a picture as MediaPipe finds them, best first: a list for each lowest score. */
  lookAtWhole(picture: Picture, ...thresholds: readonly number[]): Promise<DetectedFace[][]>;
  /** Faces in a window with at least a score, best first, in pixels of the picture. */
  look(picture: Picture, window: Window, threshold: number, mirrored?: boolean): Promise<DetectedFace[]>;
  close(): Promise<void>;
}

/** A square of a picture that a network looks at, in pixels; it may reach beyond the picture. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Finds faces in pictures. */
export interface FaceDetector {
  readonly name: string;
  /** Whether the box is to be widened by the model's crop margin: not where a person has chosen it. */
  readonly tight: boolean;
  /** Faces in a picture, uint8 `[row, column, channel]`, best first; none is no error. */
  detect(picture: Picture): Promise<readonly DetectedFace[]>;
  close?(): Promise<void>;
}

/** Overlap of two boxes, intersection over union, in 0..1. */
export function overlapOf(a: Box, b: Box): number {
  const common = sharedArea(a, b);
  return common === 0 ? 0 : common / (a.width * a.height + b.width * b.height - common);
}

/** Area that two boxes share, square pixels. */
export function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** The middle of a box, pixels. */
export function middleOf({ x, y, width, height }: Box): readonly [number, number] {
  return [x + width / 2, y + height / 2];
}
