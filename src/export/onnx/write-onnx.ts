import { checkInteger } from '../../core/checks.js';
import { InputError } from '../../core/errors.js';
import { withDirectOutputs } from '../../lower/direct-outputs.js';
import type { Model } from '../../models/model.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph } from '../../onnx/graph.js';
import { buildProgram, endsInSoftmax, type ExportInput } from '../program/build-program.js';
import type { PictureSize } from '../program/image-steps.js';
import type { Program } from '../program/program.js';
import { OnnxWriter, onnxShape, type Precision } from './onnx-writer.js';
import { writeStep } from './onnx-steps.js';

/** Version of the keys in `metadata_props`. */
const FORMAT_VERSION = '1';
/** Opsets whose form of every operator used is the same. */
const OPSETS = { oldest: 17, newest: 21, usual: 18 } as const;

/** Options of {@link writeOnnx}. */
export interface WriteOnnxOptions {
  /** Pictures per run; `dynamic` (the default) takes any number: the axis is the symbol `batch`. */
  readonly batch?: 'dynamic' | number;
  /**
   * `normalized` (the default): float32 [N, C, H, W]; normalized inside: `image`, uint8 [N, h, w, C], and `pixels`,
   * 0..255 in float32 [N, C, h, w].
   */
  readonly input?: ExportInput;
  /** Size of raw pictures: the record's source size with the resize inside (the default), or its input size. */
  readonly pictures?: PictureSize;
  /** Ends in probabilities instead of logits. */
  readonly softmax?: boolean;
  /** float16: weights and arithmetic; what goes in and comes out stays float32 (or uint8). */
  readonly precision?: Precision;
  /** 17 to 21; 18 by default. */
  readonly opset?: number;
  /** Names of the input and the output; by default those of the layers, `image` and `probabilities`. */
  readonly names?: { readonly input?: string; readonly output?: string };
}

/**
 * A model as an ONNX file for any runtime: standard operators only, batch norms folded, dropout gone, nodes called
 * after the layers. `metadata_props` hold `labels`, `preprocessing` and `origin` as JSON, `mien.version`,
 * `mien.input` and `mien.output`.
 *
 * @throws InputError on a model or options that do not fit: a weight beyond float16, `image` without a record
 * @example writeFileAtomic('model.onnx', writeOnnx(model, { softmax: true }));
 */
export function writeOnnx(model: Model, options: WriteOnnxOptions = {}): Uint8Array {
  const { batch = 'dynamic', opset = OPSETS.usual } = options;
  checkInteger('opset', opset, OPSETS.oldest, OPSETS.newest);
  const graph = onnxGraph(model, options);
  return encodeModel(graph, { opset, ...(batch === 'dynamic' ? { batchSymbol: 'batch' } : {}) });
}

/** {@link writeOnnx} before encoding; a dynamic batch counts as 1. */
export function onnxGraph(model: Model, options: WriteOnnxOptions = {}): Graph {
  const { batch = 'dynamic', input = 'normalized', softmax = false, precision = 'float32' } = options;
  const { pictures = 'source', names = {} } = options;
  const size = batch === 'dynamic' ? 1 : checkInteger('batch', batch, 1);
  const program = buildProgram(model, {
    batch: size,
    input,
    pictures,
    softmax,
    names,
    hardSigmoid: 'step',
  });
  checkNames(program);
  return {
    ...programGraph(program, precision),
    metadata: metadataOf(model, input, softmax || endsInSoftmax(model.graph, model.graph.outputs[0] ?? '')),
  };
}

/** A program as an ONNX graph, pictures [N, C, H, W]. */
export function programGraph(program: Program, precision: Precision): Graph {
  const writer = new OnnxWriter(program.name, precision, new Set(program.outputs.map(({ name }) => name)));
  for (const { name, value } of program.inputs) {
    const { dtype, shape } = program.values.get(value) ?? { dtype: 'float32', shape: [] };
    // Raw pictures come as every decoder gives them: channels last.
    writer.define(value, writer.builder.input(name, dtype, dtype === 'uint8' ? shape : onnxShape(shape)));
  }
  for (const step of program.steps) writeStep(writer, step, program);
  for (const { name, value } of program.outputs) {
    const result = writer.value(value, 'float32');
    if (result.name === name) writer.builder.expose(result);
    else writer.builder.output(name, result);
  }
  return withDirectOutputs(writer.builder.build());
}

/** All names live in one space in ONNX. */
function checkNames({ name, inputs, outputs, steps }: Program): void {
  const taken = new Set(steps.flatMap((step) => [step.name, step.output]));
  for (const { value } of outputs) taken.delete(value);
  for (const { name: candidate } of [...inputs, ...outputs]) {
    if (taken.has(candidate))
      throw new InputError({
        where: `export of "${name}"`,
        received: `the name "${candidate}" for an input or output`,
        expected: 'a name that nothing else has',
      });
    taken.add(candidate);
  }
}

/** What `metadata_props` say. */
export function metadataOf(model: Model, input: ExportInput, probabilities: boolean): Record<string, string> {
  const { classes, preprocessing, origin, calibration } = model;
  return {
    'mien.version': FORMAT_VERSION,
    'mien.input': input,
    'mien.output': probabilities ? 'probabilities' : 'logits',
    ...(classes === undefined ? {} : { labels: JSON.stringify(classes) }),
    ...(preprocessing === undefined ? {} : { preprocessing: JSON.stringify(preprocessing) }),
    ...(calibration === undefined ? {} : { calibration: JSON.stringify(calibration) }),
    origin: JSON.stringify(origin),
  };
}
