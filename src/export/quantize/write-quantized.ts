import type { Model } from '../../models/model.js';
import { encodeModel } from '../../onnx/encode.js';
import { withCompactNames } from '../onnx/compact-names.js';
import { quantizedGraph } from '../onnx/qdq.js';
import { metadataOf } from '../onnx/write-onnx.js';
import type { Program } from '../program/program.js';
import { quantizedTfliteProgram, type BoundaryTypes } from '../tflite/quantized-tflite.js';
import { packTflite } from '../tflite/write-tflite.js';
import { logitsGraph } from '../../models/logits.js';
import { makesProbabilities, withEnds, type EndOptions } from './ends.js';
import type { QuantizedProgram } from './quantized-program.js';

/** Options of {@link writeQuantizedOnnx}. */
export interface WriteQuantizedOnnxOptions extends EndOptions {
  /** 17 to 21; 18 by default. */
  readonly opset?: number;
  /** Pictures per run; any number by default: the axis is the symbol `batch`. */
  readonly batch?: 'dynamic' | number;
}

/**
 * A quantized model as an ONNX file in QDQ form: float operators between QuantizeLinear and DequantizeLinear. Pictures come
 * and outputs leave in float32 (or pictures as raw uint8).
 *
 * @example writeFileAtomic('model_int8.onnx', writeQuantizedOnnx(model, quantized, { softmax: true }));
 */
export function writeQuantizedOnnx(
  model: Model,
  quantized: QuantizedProgram,
  options: WriteQuantizedOnnxOptions = {},
): Uint8Array {
  const { opset = 18, input = 'normalized', batch = 'dynamic' } = options;
  const size = batch === 'dynamic' ? 1 : batch;
  const whole = withBatch(withEnds(model, quantized, options), size);
  const graph = quantizedGraph(whole);
  const metadata = metadataOf(model, input, makesProbabilities(whole.program));
  const symbol = batch === 'dynamic' ? { batchSymbol: 'batch' } : {};
  return encodeModel({ ...withCompactNames(graph), metadata }, { opset, ...symbol });
}

/** Options of {@link writeQuantizedTflite}. */
export interface WriteQuantizedTfliteOptions extends EndOptions, BoundaryTypes {
  /** Pictures per run, 1 by default. */
  readonly batch?: number;
}

/**
 * A quantized model as a TensorFlow Lite file: weights, activations and arithmetic in int8, with the metadata of the float
 * file.
 *
 * @example writeFileAtomic('model_int8.tflite', writeQuantizedTflite(model, quantized));
 */
export function writeQuantizedTflite(
  model: Model,
  quantized: QuantizedProgram,
  options: WriteQuantizedTfliteOptions = {},
): Uint8Array {
  const { batch = 1, input = 'normalized' } = options;
  const whole = withBatch(withEnds(model, quantized, options), batch);
  const program = quantizedTfliteProgram(whole, options);
  // The program tells what comes out, not the layers, whose softmax it may have left out.
  const layers = { ...model, graph: logitsGraph(model.graph) };
  return packTflite(layers, program, { input, softmax: makesProbabilities(whole.program) });
}

/** The same program for another number of pictures. */
function withBatch(quantized: QuantizedProgram, batch: number): QuantizedProgram {
  const values: Program['values'] = new Map(
    [...quantized.program.values].map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: [batch, ...shape.slice(1)] },
    ]),
  );
  return { ...quantized, program: { ...quantized.program, values } };
}
