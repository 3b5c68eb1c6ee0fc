import type { HailoArchitecture } from './architectures.js';
import type { NodeNames } from './commands.js';

/** Names of the files in a bundle. */
export const BUNDLE_FILES = {
  manifest: 'bundle.json',
  onnx: 'model.onnx',
  tflite: 'model.tflite',
  calibration: 'calib.npy',
  calibrationNames: 'calib_images.txt',
  script: 'model.alls',
  fallbackScript: 'model_level0.alls',
  labels: 'labels.json',
  preprocessing: 'preprocessing.json',
  checkImages: 'check/images.npy',
  checkLogits: 'check/logits.npy',
  check: 'check/check.json',
  readme: 'README.md',
  checksums: 'SHA256SUMS',
} as const;

/** Version of `bundle.json`. */
export const BUNDLE_VERSION = 1;

/** What `bundle.json` holds: what a program needs to know about a bundle. */
export interface BundleManifest {
  readonly format: 'mien-hailo-bundle';
  readonly version: typeof BUNDLE_VERSION;
  /** Mien's own version. */
  readonly mien: string;
  /** The network's name inside the compiler. */
  readonly name: string;
  /** What the model was called when the bundle was made. */
  readonly source: string;
  readonly architecture: HailoArchitecture;
  /** [height, width, channels] of the uint8 pictures that the device takes. */
  readonly input: readonly number[];
  readonly classes: readonly string[];
  readonly nodes: { readonly onnx: NodeNames; readonly tflite: NodeNames };
  readonly calibration: {
    readonly images: number;
    readonly seed: number;
    readonly perClass: Readonly<Record<string, number>>;
  };
  readonly script: {
    readonly optimizationLevel: number;
    readonly compressionLevel: number;
    readonly batchSize: number;
    readonly finetune: boolean;
  };
  /** Nodes of the float model whose layers keep 16 bits. */
  readonly a16w16: readonly string[];
  readonly check: {
    readonly images: number;
    /** Where the check images are from. */
    readonly split: string;
    /** Right answers of the float model on them, in [0, 1]. */
    readonly accuracy: number;
  };
}

/** What `check/check.json` holds. */
export interface CheckRecord {
  readonly version: 1;
  readonly split: string;
  readonly classes: readonly string[];
  readonly names: readonly string[];
  /** Index into `classes` of each image. */
  readonly labels: readonly number[];
}
