import type { Quantization } from '../program.js';
import type { TfliteFile } from './parse-tflite.js';

/** real = scale · (stored − zeroPoint), one pair for a whole tensor. */
export interface TensorScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The scale of an input or output; undefined for real numbers. */
export function scaleOf(quantization: Quantization | undefined): TensorScale | undefined {
  const [scale] = quantization?.scales ?? [];
  return scale === undefined ? undefined : { scale, zeroPoint: quantization?.zeroPoints[0] ?? 0 };
}

const COPIES: ReadonlySet<string> = new Set(['RESHAPE', 'QUANTIZE', 'DEQUANTIZE']);

/** Whether a tensor comes out of a softmax, with nothing behind it that changes what its values mean. */
export function isSoftmax({ operators }: TfliteFile, output: number): boolean {
  let tensor = output;
  for (let steps = 0; steps <= operators.length; steps++) {
    const producer = operators.find(({ outputs }) => outputs.includes(tensor));
    if (producer?.name === 'SOFTMAX') return true;
    if (producer === undefined || !COPIES.has(producer.name)) return false;
    tensor = producer.inputs[0] ?? -1;
  }
  return false;
}
