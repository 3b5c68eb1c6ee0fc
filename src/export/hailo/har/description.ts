import type { HefDescription } from '../hef/description.js';

/** What a HAR says about itself; ready for JSON. Sizes are in bytes. */
export interface HarDescription {
  readonly format: 'har';
  /** Size of the file. */
  readonly bytes: number;
  /** Whether the tar archive is packed with gzip. */
  readonly gzip: boolean;
  readonly name: string;
  /** Where the model stands on its way to the chip; null when the file does not say it in known words. */
  readonly state: HarState | null;
  /** The same in the file's own words, e.g. `quantized_model`. */
  readonly stateName: string;
  /** Version of the Dataflow Compiler; empty when not stated. */
  readonly compilerVersion: string;
  /** The chip, e.g. `hailo8`; empty when not stated. */
  readonly hardware: string;
  /** Names of the files of graphs; the first one's layers are listed. */
  readonly graphs: readonly string[];
  readonly layers: readonly HarLayer[];
  /** Output layers in their order, where stated. */
  readonly outputOrder: readonly string[];
  readonly scripts: readonly HarScript[];
  readonly weights: readonly HarWeights[];
  /** The executable, in an archive of a compiled model. */
  readonly hef: HefDescription | null;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** Parsed, optimized in full precision, quantized, or compiled. */
export type HarState = 'native' | 'full-precision' | 'quantized' | 'compiled';

/** A layer of Hailo's network. */
export interface HarLayer {
  readonly name: string;
  /** Kind, e.g. `conv`, `dw`, `input_layer`. */
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** One shape per output, `[batch, height, width, features]` with -1 for the batch. */
  readonly outputShapes: readonly (readonly number[])[];
  readonly kernelShape: readonly number[] | null;
  readonly activation: string | null;
  readonly originalNames: readonly string[];
}

/** A model script. */
export interface HarScript {
  readonly file: string;
  readonly text: string;
}

/** Arrays of weights. */
export interface HarWeights {
  readonly file: string;
  readonly bytes: number;
  readonly arrays: number;
  /** Elements of the kernels and biases. */
  readonly parameters: number;
  /** Arrays by element type, e.g. `{ '<f4': 107 }`. */
  readonly types: Readonly<Record<string, number>>;
}
