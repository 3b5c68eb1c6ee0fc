import { GraphError, InputError } from '../../../core/errors.js';
import type { Shape } from '../../../core/tensor.js';
import type { Graph } from '../../../onnx/graph.js';
import { readMienRecord, type MienRecord } from '../../keras/mien-record.js';
import { MIEN_METADATA } from '../write-tflite.js';
import { Conversion } from './conversion.js';
import { parseTflite, type NamedTensor, type ReadTensor, type TfliteFile } from './parse-tflite.js';
import { convertOperator } from './rules.js';

/** Options of {@link readTflite}. */
export interface ReadTfliteOptions {
  /** Pictures per run; the file's own number by default. */
  readonly batch?: number;
}

/**
 * Translates a float `.tflite` model (float32, or weights in float16) into an ONNX graph with the same inputs and
 * outputs: names of the signature, channels last. Convolutions run channels first between.
 *
 * @param where the file's name, for messages
 * @throws InputError on a damaged or hostile file, one of quantized arithmetic, or naming an operator that is not read
 * @example
 * const session = await ortNode().createSession(encodeModel(readTflite(bytes, 'detector.tflite')));
 */
export function readTflite(bytes: Uint8Array, where: string, options: ReadTfliteOptions = {}): Graph {
  return convertTflite(parseTflite(bytes, where), where, options);
}

/** {@link readTflite} of a file whose structure has been read. */
export function convertTflite(file: TfliteFile, where: string, { batch }: ReadTfliteOptions = {}): Graph {
  const from = shapeOf(file, file.inputs[0])[0] ?? 1;
  const conversion = new Conversion(file, where, { from, to: batch ?? from });
  try {
    for (const { name, tensor } of file.inputs)
      conversion.input(tensor, name, inputType(conversion.tensor(tensor), where));
    for (const operator of file.operators) convertOperator(conversion, operator);
    for (const { name, tensor } of file.outputs) conversion.builder.output(name, conversion.value(tensor));
    return conversion.builder.build();
  } catch (error) {
    // What the graph's own rules refuse is the file's fault here.
    if (!(error instanceof GraphError)) throw error;
    const { received, expected } = error.problem;
    throw new InputError(
      { where, received: `${received} for ${error.problem.where}`, expected },
      { cause: error },
    );
  }
}

/** What Mien wrote beside the network; other files say nothing. @throws InputError on a malformed record */
export function tfliteRecord({ metadata }: TfliteFile, where: string): MienRecord {
  const bytes = metadata.get(MIEN_METADATA);
  return readMienRecord(where, bytes === undefined ? undefined : new TextDecoder().decode(bytes));
}

/** Whether a file computes in integers, which LiteRT does and Mien's reader does not. */
export function isQuantized({ tensors, operators }: TfliteFile): boolean {
  return operators.some(
    ({ name, outputs }) =>
      name === 'QUANTIZE' || outputs.some((output) => INTEGERS.has(tensors[output]?.type ?? '')),
  );
}

const INTEGERS: ReadonlySet<string> = new Set(['int8', 'uint8']);

function inputType({ type, name }: ReadTensor, where: string): 'float32' | 'uint8' {
  if (type === 'float32' || type === 'uint8') return type;
  throw new InputError({
    where,
    received: `the input "${name}" of type ${type}`,
    expected: 'float32 or uint8',
  });
}

function shapeOf({ tensors }: TfliteFile, entry: NamedTensor | undefined): Shape {
  return tensors[entry?.tensor ?? -1]?.shape ?? [];
}
