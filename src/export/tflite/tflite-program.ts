import type { Program } from '../program/program.js';
import { lowerStep } from './lower-steps.js';
import { TfliteBuilder, type Quantization, type TfliteProgram } from './program.js';

/** Precision of stored weights; arithmetic is in float32. */
export type WeightPrecision = 'float32' | 'float16';

/** Stored numbers that are the real ones. */
const PIXELS: Quantization = { scales: [1], zeroPoints: [0] };

/** Translates a program into TensorFlow Lite's tensors and operators. @throws InputError on weights beyond float16 */
export function tfliteProgram(program: Program, precision: WeightPrecision): TfliteProgram {
  const builder = new TfliteBuilder(precision);
  const tensors = new Map<string, number>();
  for (const { name, value } of program.inputs) {
    const { dtype, shape } = program.values.get(value) ?? { dtype: 'float32', shape: [] };
    const plain = dtype === 'uint8' ? { quantization: PIXELS } : {};
    tensors.set(value, builder.tensor({ name, shape, type: dtype, ...plain }));
  }
  for (const step of program.steps) tensors.set(step.output, lowerStep(builder, program, step, tensors));
  const entries = (values: Program['inputs']) =>
    values.map(({ name, value }) => ({ name, tensor: tensors.get(value) ?? -1 }));
  return {
    name: program.name,
    tensors: builder.tensors,
    operators: builder.operators,
    inputs: entries(program.inputs),
    outputs: entries(program.outputs),
  };
}
