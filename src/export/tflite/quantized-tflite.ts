import { GraphError } from '../../core/errors.js';
import type { NamedValue, Program } from '../program/program.js';
import type { Affine8, QuantizedProgram } from '../quantize/quantized-program.js';
import { lowerStep } from './lower-steps.js';
import type { SignatureEntry, TfliteProgram, TfliteTensor } from './program.js';
import { quantizationOf, QuantizedTfliteBuilder } from './quantized-builder.js';

/** Element type of what goes into a quantized model, or comes out. */
export type BoundaryType = 'float32' | 'int8' | 'uint8';

/** Options of {@link quantizedTfliteProgram}. */
export interface BoundaryTypes {
  /** Default float32; raw pictures stay uint8. */
  readonly inputType?: BoundaryType;
  /** Default float32. */
  readonly outputType?: BoundaryType;
}

/**
 * Translates a quantized program into TensorFlow Lite's tensors and operators, all in int8 but for steps that are kept in
 * float32, between QUANTIZE and DEQUANTIZE.
 */
export function quantizedTfliteProgram(
  quantized: QuantizedProgram,
  { inputType = 'float32', outputType = 'float32' }: BoundaryTypes = {},
): TfliteProgram {
  const { program, values } = quantized;
  const builder = new QuantizedTfliteBuilder(quantized);
  const tensors = new Map<string, number>();
  const inputs = program.inputs.map((input): SignatureEntry => {
    const { entry, tensor } = inputTensor(builder, quantized, input, inputType);
    tensors.set(input.value, tensor);
    return { name: input.name, tensor: entry };
  });
  for (const step of program.steps) {
    builder.enter(step);
    const type = builder.inInt8 ? 'int8' : 'float32';
    const read = new Map(
      step.inputs.map((name) => [name, readAs(builder, tensors.get(name) ?? -1, type, values.get(name))]),
    );
    tensors.set(step.output, lowerStep(builder, program, step, read));
  }
  builder.leave();
  const outputs = program.outputs.map((output): SignatureEntry => {
    const tensor = tensors.get(output.value) ?? -1;
    return { name: output.name, tensor: outputTensor(builder, quantized, output, tensor, outputType) };
  });
  const { operators } = builder;
  return {
    name: program.name,
    tensors: compactNames(builder.tensors, inputs, outputs),
    operators,
    inputs,
    outputs,
  };
}

/**
 * Short names for tensors inside: beside weights of eight bits the names of layers would be a part of the size that
 * matters. What a signature names keeps its own.
 */
function compactNames(
  tensors: readonly TfliteTensor[],
  inputs: readonly SignatureEntry[],
  outputs: readonly SignatureEntry[],
): TfliteTensor[] {
  const fixed = new Set([...inputs, ...outputs].map(({ tensor }) => tensor));
  const taken = new Set([...fixed].map((tensor) => tensors[tensor]?.name));
  let next = 0;
  const fresh = (): string => {
    const name = (next++).toString(36);
    return taken.has(name) ? fresh() : name;
  };
  return tensors.map((tensor, i) => (fixed.has(i) ? tensor : { ...tensor, name: fresh() }));
}

/** Raw pictures are read as they are; all else in the type of the step. */
function readAs(
  builder: QuantizedTfliteBuilder,
  tensor: number,
  type: 'float32' | 'int8',
  form: Parameters<QuantizedTfliteBuilder['as']>[2],
): number {
  return builder.tensors[tensor]?.type === 'uint8' ? tensor : builder.as(tensor, type, form);
}

function inputTensor(
  builder: QuantizedTfliteBuilder,
  { program, values }: QuantizedProgram,
  { name, value }: NamedValue,
  wanted: BoundaryType,
): { entry: number; tensor: number } {
  const { dtype, shape } = program.values.get(value) ?? { dtype: 'float32', shape: [] };
  const form = values.get(value);
  if (dtype === 'uint8') {
    const quantization = { scales: [1], zeroPoints: [0] };
    const entry = builder.tensor({ name, shape, type: 'uint8', quantization });
    return { entry, tensor: entry };
  }
  const type = form === undefined ? 'float32' : wanted;
  if (type === 'float32' || form === undefined) {
    const entry = builder.tensor({ name, shape, type: 'float32' });
    return { entry, tensor: entry };
  }
  const zeroPoint = form.zeroPoint + (type === 'uint8' ? 128 : 0);
  const entry = builder.tensor({ name, shape, type, quantization: quantizationOf({ ...form, zeroPoint }) });
  const tensor = type === 'int8' ? entry : builder.stored(entry, `${name}/stored`, 'int8', form);
  return { entry, tensor };
}

function outputTensor(
  builder: QuantizedTfliteBuilder,
  { program, values }: QuantizedProgram,
  { name, value }: NamedValue,
  tensor: number,
  wanted: BoundaryType,
): number {
  if (wanted === 'float32') return builder.as(tensor, 'float32');
  const float = builder.tensors[tensor]?.type === 'float32';
  const form = float ? probabilityForm(program, value) : values.get(value);
  if (form === undefined)
    throw new GraphError({
      where: 'TFLite export',
      received: `${wanted} for the output "${name}", which stays in float32`,
      expected: 'float32',
    });
  if (float) return builder.stored(tensor, `${name}/${wanted}`, wanted, form);
  return wanted === 'int8' ? tensor : builder.stored(tensor, `${name}/uint8`, 'uint8', form);
}

/** The form of all probabilities; other values that stay in float32 have none, for nobody knows their range. */
function probabilityForm({ steps }: Program, value: string): Affine8 | undefined {
  const step = steps.find(({ output }) => output === value);
  const softmax = step?.kind === 'unary' && step.function === 'softmax';
  return softmax ? { scale: 1 / 256, zeroPoint: -128 } : undefined;
}
