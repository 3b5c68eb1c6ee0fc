import { checkInteger } from '../../core/checks.js';
import type { Model } from '../../models/model.js';
import { writeMienRecord } from '../keras/mien-record.js';
import { buildProgram, endsInSoftmax, type ExportInput } from '../program/build-program.js';
import type { PictureSize } from '../program/image-steps.js';
import { appendFiles } from './append-files.js';
import { encodeTflite } from './encode-tflite.js';
import { encodeMetadata, LABEL_FILE, METADATA_NAME } from './metadata.js';
import type { TfliteProgram } from './program.js';
import { tfliteProgram, type WeightPrecision } from './tflite-program.js';

/** Name of the buffer that holds preprocessing, classes and origin as JSON, as in a `.keras` archive's `mien.json`. */
export const MIEN_METADATA = 'MIEN';

/** Options of {@link writeTflite}. */
export interface WriteTfliteOptions {
  /** Pictures per run, 1 by default; runtimes that resize inputs may change it. */
  readonly batch?: number;
  /**
   * `normalized` (the default): float32 [N, H, W, C]; normalized inside: `image`, uint8 [N, h, w, C], and `pixels`,
   * 0..255 in float32 [N, h, w, C].
   */
  readonly input?: ExportInput;
  /** Size of raw pictures: the record's source size with the resize inside (the default), or its input size. */
  readonly pictures?: PictureSize;
  /** Ends in probabilities instead of logits. */
  readonly softmax?: boolean;
  /** float16: half the size; weights are widened when the model is loaded, arithmetic stays in float32. */
  readonly precision?: WeightPrecision;
  /** Names of the input and the output; by default those of the layers, `image` and `probabilities`. */
  readonly names?: { readonly input?: string; readonly output?: string };
}

/**
 * A model as a TensorFlow Lite file: built-in operators only, batch norms folded, activations fused, dropout gone;
 * signature `serving_default`; model metadata with normalization and label file, as MediaPipe's image classifier
 * wants them. Colour pictures reach a model for grey ones unmixed unless `input` is `image`.
 *
 * @throws InputError on a model or options that do not fit: a weight beyond float16, `image` without a record
 * @example writeFileAtomic('model.tflite', writeTflite(model, { input: 'image', softmax: true }));
 */
export function writeTflite(model: Model, options: WriteTfliteOptions = {}): Uint8Array {
  return packTflite(model, describeTflite(model, options), options);
}

/** Adds a model's metadata, record and labels to a program, and serializes it. */
export function packTflite(
  model: Model,
  program: TfliteProgram,
  options: Pick<WriteTfliteOptions, 'input' | 'softmax'> = {},
): Uint8Array {
  const { preprocessing, classes } = model;
  const [input] = program.inputs;
  const [output] = program.outputs;
  const metadata = new Map<string, Uint8Array>([
    [MIEN_METADATA, new TextEncoder().encode(writeMienRecord(model))],
  ]);
  const classifier = program.inputs.length === 1 && program.outputs.length === 1;
  if (classifier && input !== undefined && output !== undefined)
    metadata.set(
      METADATA_NAME,
      encodeMetadata({
        name: program.name,
        input: { name: input.name, raw: (options.input ?? 'normalized') !== 'normalized' },
        output: { name: output.name, probabilities: isProbability(model, options) },
        preprocessing,
        labels: classes,
      }),
    );
  const bytes = encodeTflite(program, { description: `${program.name}, exported by Mien`, metadata });
  return appendFiles(bytes, labelFile(classifier ? classes : undefined));
}

/** {@link writeTflite} before serialization. */
export function describeTflite(model: Model, options: WriteTfliteOptions = {}): TfliteProgram {
  const { batch = 1, input = 'normalized', pictures = 'source', softmax = false, names = {} } = options;
  const size = checkInteger('batch', batch, 1);
  const program = buildProgram(model, {
    batch: size,
    input,
    pictures,
    softmax,
    names,
    // TensorFlow Lite has no such operator.
    hardSigmoid: 'arithmetic',
  });
  return tfliteProgram(program, options.precision ?? 'float32');
}

function isProbability({ graph }: Model, { softmax = false }: WriteTfliteOptions): boolean {
  return softmax || endsInSoftmax(graph, graph.outputs[0] ?? '');
}

function labelFile(classes: readonly string[] | undefined): Map<string, Uint8Array> {
  if (classes === undefined) return new Map();
  return new Map([[LABEL_FILE, new TextEncoder().encode(classes.map((name) => `${name}\n`).join(''))]]);
}
