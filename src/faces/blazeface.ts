import { GraphError } from '../core/errors.js';
import { float32, type Tensor } from '../core/tensor.js';
import type { Picture } from '../data/images.js';
import type { Session } from '../runtime/session.js';
import { anchorMiddles, type AnchorGrid } from './anchors.js';
import { decodeFaces, type RawFaces } from './decode.js';
import type { DetectedFace, FaceNet, Window } from './face.js';
import { letterbox } from './letterbox.js';
import { mirrorFace, mirrorInput } from './mirror.js';
import { mergeFaces } from './suppress.js';
import { sampleWindow, wholeWindow } from './window.js';

/** One of MediaPipe's two published BlazeFace networks. */
export interface BlazeFaceRecord {
  readonly name: 'short range' | 'full range';
  /** Name of the file in the package that ships it. */
  readonly file: string;
  /** Side of its input, pixels. */
  readonly size: number;
  readonly grids: readonly AnchorGrid[];
}

/** For faces that take up a good part of the picture. */
export const SHORT_RANGE: BlazeFaceRecord = {
  name: 'short range',
  file: 'face_detection_short_range.tflite',
  size: 128,
  grids: [
    { stride: 8, perCell: 2 },
    { stride: 16, perCell: 6 },
  ],
};

/** For small faces in large pictures. */
export const FULL_RANGE: BlazeFaceRecord = {
  name: 'full range',
  file: 'face_detection_full_range.tflite',
  size: 192,
  grids: [{ stride: 4, perCell: 1 }],
};

/** Score from which MediaPipe reports a face. */
export const FACE_SCORE = 0.5;

/** A BlazeFace network. */
export class BlazeFace implements FaceNet {
  private readonly anchors: Float32Array;

  /** @param session the network: one input `[1, size, size, 3]`, outputs `[1, anchors, 16]` and `[1, anchors, 1]` */
  constructor(
    private readonly session: Session,
    readonly record: BlazeFaceRecord,
    private readonly input: string,
  ) {
    this.anchors = anchorMiddles(record.size, record.grids);
  }

  /**
   * MediaPipe's own pipeline: faces in a picture, merged, best first, in pixels of the picture.
   *
   * @param thresholds lowest scores; faces are merged anew for each, as MediaPipe would
   */
  async lookAtWhole(picture: Picture, ...thresholds: readonly number[]): Promise<DetectedFace[][]> {
    const raw = await this.run(letterbox(picture, this.record.size));
    return thresholds.map((threshold) => this.facesOf(raw, wholeWindow(picture), threshold));
  }

  /**
   * Faces in a window, merged, best first, in pixels of the picture.
   *
   * @param threshold lowest score, in 0..1
   * @param mirrored look at the mirror image of the window; faces are given as they are in the picture all the same
   */
  async look(picture: Picture, window: Window, threshold: number, mirrored = false): Promise<DetectedFace[]> {
    const { size } = this.record;
    const input = sampleWindow(picture, window, size);
    if (mirrored) mirrorInput(input, size);
    const faces = this.facesOf(await this.run(input), window, threshold);
    return mirrored ? faces.map((face) => mirrorFace(face, window)) : faces;
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private async run(input: Float32Array): Promise<RawFaces> {
    const { size } = this.record;
    return this.rawOf(await this.session.run({ [this.input]: float32(input, [1, size, size, 3]) }));
  }

  private facesOf(raw: RawFaces, window: Window, threshold: number): DetectedFace[] {
    const { anchors } = this;
    return mergeFaces(decodeFaces(raw, window, { anchors, size: this.record.size, threshold }));
  }

  /** The outputs, told apart by their sizes: the files name them differently. */
  private rawOf(outputs: Readonly<Record<string, Tensor>>): RawFaces {
    const count = this.anchors.length / 2;
    const dataOf = (perAnchor: number): Float32Array => {
      const found = Object.values(outputs).find(({ data }) => data.length === count * perAnchor);
      if (found?.data instanceof Float32Array) return found.data;
      const received = `no output of ${count} × ${perAnchor} numbers`;
      throw new GraphError({ where: `BlazeFace ${this.record.name}`, received, expected: 'one' });
    };
    return { regressors: dataOf(16), logits: dataOf(1) };
  }
}
