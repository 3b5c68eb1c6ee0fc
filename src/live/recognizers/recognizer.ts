import type { Preprocessing } from '../../core/preprocessing.js';
import type { Picture } from '../../data/images.js';

/** Recognizes the expression of one face at a time. */
export interface Recognizer {
  /** Engine and version. */
  readonly name: string;
  /** Class names by position. */
  readonly classes: readonly string[];
  /** How a face becomes input; the crop follows it. */
  readonly preprocessing: Preprocessing;
  /**
   * Class probabilities, sum 1.
   * @param face at the record's source size, uint8 `[row, column, channel]`, one channel for grey, else RGB
   */
  recognize(face: Picture): Promise<Float32Array>;
  close(): Promise<void>;
}
