import type { Problem } from '../../core/errors.js';

/** A picture as it was sent. */
export interface SentPicture {
  /** Encoded: JPEG, PNG, WebP or BMP. */
  readonly bytes: Uint8Array;
  /** Names the picture in messages. */
  readonly where: string;
}

/** Pictures of one request for one model. */
export interface Job {
  readonly id: number;
  readonly model: string;
  /** Whether faces are looked for in the pictures; else each is one face. */
  readonly detect: boolean;
  readonly pictures: readonly SentPicture[];
}

/** A box in pixels of the upright picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One face's answer. */
export interface FaceResult {
  /** Null where the whole picture was taken as one face. */
  readonly box: Box | null;
  /** Of the detector, in [0, 1]; null without one. */
  readonly score: number | null;
  /** By class, summing to 1. */
  readonly probabilities: readonly number[];
}

/** What is wrong with one picture; `status` is HTTP's. */
export interface PictureFailure {
  readonly status: 400 | 413 | 415 | 422 | 500;
  readonly code: string;
  readonly problem: Problem;
  /** For the log only. */
  readonly detail?: string;
}

/** The answer for one picture: its faces, or why there is none. */
export type PictureResult =
  | { readonly width: number; readonly height: number; readonly faces: readonly FaceResult[] }
  | { readonly failure: PictureFailure };

/** What one run of a network was like, for the figures. */
export interface RunRecord {
  readonly model: string;
  /** Faces that were asked for; the rest of the session's batch is padding. */
  readonly faces: number;
  readonly seconds: number;
}

/** Answers jobs: in this thread, in another one, or in several. */
export interface Engine {
  /**
   * Results in the order of the job's pictures. A picture that cannot be read has its failure; the others follow.
   * @throws the signal's reason when it is aborted first; pictures not yet begun are dropped
   */
  answer(job: Job, signal?: AbortSignal): Promise<readonly PictureResult[]>;
  close(): Promise<void>;
}
