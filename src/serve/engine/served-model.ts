import type { Preprocessing } from '../../core/preprocessing.js';

/** A model ready to be compiled in any thread: plain data. */
export interface ServedModel {
  readonly id: string;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** [C, h, w] of the pictures that enter its graphs, pixels 0..255. */
  readonly pictureShape: readonly [number, number, number];
  /** One graph per batch size, smallest first. */
  readonly graphs: readonly ServedGraph[];
}

/** An encoded inference graph of a fixed batch size: input `x`, output `probabilities`. */
export interface ServedGraph {
  readonly batchSize: number;
  readonly bytes: Uint8Array;
}
