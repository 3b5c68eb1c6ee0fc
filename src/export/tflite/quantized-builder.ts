import type { Shape } from '../../core/tensor.js';
import type { Step } from '../program/program.js';
import type { Affine8, QuantizedProgram, QuantizedWeights } from '../quantize/quantized-program.js';
import { TfliteBuilder, type OperatorParts, type Quantization, type TfliteTensor } from './program.js';
import type { OperatorName } from './schema.js';

/** Version of each kernel that computes in int8 (tensorflow/lite/tools/versioning/op_version.cc). */
const INT8_VERSIONS: Readonly<Partial<Record<OperatorName, number>>> = {
  ADD: 2,
  AVERAGE_POOL_2D: 2,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 3,
  DEQUANTIZE: 2,
  FULLY_CONNECTED: 4,
  LEAKY_RELU: 2,
  LOGISTIC: 2,
  MAX_POOL_2D: 2,
  MEAN: 2,
  MUL: 2,
  PAD: 2,
  REDUCE_MAX: 2,
  RELU: 2,
  RELU6: 2,
  SOFTMAX: 2,
  STRIDED_SLICE: 2,
  SUB: 3,
  TANH: 2,
};

/** How a form is written into a file. */
export function quantizationOf({ scale, zeroPoint }: Affine8): Quantization {
  return { scales: [scale], zeroPoints: [zeroPoint] };
}

/**
 * Collects the tensors and operators of a quantized program. Inside an int8 step every tensor made is int8: in the form of
 * the program's value of that name, or else in that of the operator's first input, as zeros around a picture are.
 */
export class QuantizedTfliteBuilder extends TfliteBuilder {
  private step: Step | undefined;
  private readonly converted = new Map<string, number>();

  constructor(private readonly quantized: QuantizedProgram) {
    super('float32');
  }

  /** Begins a step; what follows belongs to it. */
  enter(step: Step): void {
    this.step = this.quantized.kept.has(step.name) ? undefined : step;
  }

  /** Ends the steps: what follows is written as it is. */
  leave(): void {
    this.step = undefined;
  }

  /** Whether the step entered is in eight bits. */
  get inInt8(): boolean {
    return this.step !== undefined;
  }

  override get saturates(): boolean {
    return this.inInt8;
  }

  override number(value: number): number {
    if (!this.inInt8) return super.number(value);
    const quantization = { scales: [Math.abs(value) / 127], zeroPoints: [0] };
    const data = Int8Array.of(127 * Math.sign(value));
    return this.sharedConstant(`int8 ${value}`, () => ({
      name: 'number/int8',
      shape: [1],
      type: 'int8',
      data,
      quantization,
    }));
  }

  override weight(name: string, data: Float32Array, shape: Shape): number {
    const stored = this.step === undefined ? undefined : this.quantized.weights.get(this.step.name);
    if (stored === undefined || this.step === undefined) return super.weight(name, data, shape);
    return name.endsWith('/bias')
      ? this.biasOf(name, stored, shape)
      : this.kernelOf(name, stored, shape, this.step.kind === 'depthwise' ? 3 : 0);
  }

  override operator(name: OperatorName, parts: OperatorParts): number {
    if (this.step === undefined) return super.operator(name, parts);
    const { output } = parts;
    const form = this.quantized.values.get(output.name);
    const inherited = this.tensors[parts.inputs[0] ?? -1]?.quantization;
    const quantization = form === undefined ? inherited : quantizationOf(form);
    const version = Math.max(parts.version ?? 1, INT8_VERSIONS[name] ?? 1);
    return super.operator(name, {
      ...parts,
      version,
      output: { ...output, type: 'int8', ...(quantization === undefined ? {} : { quantization }) },
    });
  }

  /** A tensor in another element type, converted once. */
  as(tensor: number, type: 'float32' | 'int8', form?: Affine8): number {
    const known = this.tensors[tensor];
    if (known === undefined || known.type === type) return tensor;
    const key = `${tensor} ${type}`;
    const before = this.converted.get(key);
    if (before !== undefined) return before;
    const { name, shape } = known;
    const made =
      type === 'float32'
        ? super.operator('DEQUANTIZE', {
            inputs: [tensor],
            output: { name: `${name}/float`, shape },
            version: 2,
          })
        : this.stored(tensor, `${name}/stored`, 'int8', form);
    this.converted.set(key, made);
    return made;
  }

  /** A tensor stored in another form or integer type. */
  stored(tensor: number, name: string, type: 'int8' | 'uint8', form: Affine8 | undefined): number {
    const shape = this.shapeOf(tensor);
    const shifted =
      form !== undefined && type === 'uint8' ? { ...form, zeroPoint: form.zeroPoint + 128 } : form;
    const quantization = shifted === undefined ? {} : { quantization: quantizationOf(shifted) };
    return super.operator('QUANTIZE', { inputs: [tensor], output: { name, shape, type, ...quantization } });
  }

  private kernelOf(name: string, { kernel, scales }: QuantizedWeights, shape: Shape, axis: number): number {
    return this.constantOf({ name, shape, type: 'int8', data: kernel }, scales, axis);
  }

  private biasOf(name: string, { bias, biasScales }: QuantizedWeights, shape: Shape): number {
    return this.constantOf({ name, shape, type: 'int32', data: bias }, biasScales, 0);
  }

  private constantOf(tensor: TfliteTensor, scales: Float32Array, axis: number): number {
    const zeroPoints = Array.from(scales, () => 0);
    return this.tensor({ ...tensor, quantization: { scales: Array.from(scales), zeroPoints, axis } });
  }
}
