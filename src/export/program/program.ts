import type { DType, Shape } from '../../core/tensor.js';
import type { Pair } from '../../layers/config-reader.js';

/** What an operation does to its result last. */
export type FusedActivation = 'none' | 'relu' | 'relu6';

/** Amounts around a picture in ONNX's order: [top, left, bottom, right]. */
export type Pads = readonly [number, number, number, number];

/** A window that slides over pictures, its padding in pixels. */
export interface SlidingWindow {
  /** Pixels [height, width]. */
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/** Kernel `[filters, kh, kw, C / groups]` and bias `[filters]`. */
export interface ConvOperation {
  readonly kind: 'conv';
  readonly window: SlidingWindow;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly groups: number;
}

/** Kernel `[kh, kw, C, multiplier]` and bias `[C · multiplier]`. */
export interface DepthwiseOperation {
  readonly kind: 'depthwise';
  readonly window: SlidingWindow;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly multiplier: number;
}

/** `[F]` → `[units]`; kernel `[units, F]` and bias `[units]`. */
export interface DenseOperation {
  readonly kind: 'dense';
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** `x · scale + shift` along the last axis; both have one entry or one per channel. */
export interface AffineOperation {
  readonly kind: 'affine';
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Arithmetic on two inputs of one rank, axes of size 1 repeated. */
export interface BinaryOperation {
  readonly kind: 'add' | 'subtract' | 'multiply' | 'divide';
}

/** Padded pixels count neither for the mean nor for the maximum. */
export interface PoolOperation {
  readonly kind: 'averagePool' | 'maxPool';
  readonly window: SlidingWindow;
}

/** Over all pixels: `[H, W, C]` → `[1, 1, C]` or, without `keepdims`, `[C]`. */
export interface GlobalPoolOperation {
  readonly kind: 'globalAverage' | 'globalMax';
  readonly keepdims: boolean;
}

/** Zeros around pictures, or pixels cut off. */
export interface BorderOperation {
  readonly kind: 'pad' | 'crop';
  readonly pads: Pads;
}

/** The same values, channels last, under the output's shape. */
export interface ReshapeOperation {
  readonly kind: 'reshape';
}

/** Joins inputs along an axis; the batch axis is 0. */
export interface ConcatOperation {
  readonly kind: 'concat';
  readonly axis: number;
}

/** Names of functions of one value; softmax runs over the last axis. */
export type UnaryFunction = 'relu' | 'relu6' | 'hardSwish' | 'hardSigmoid' | 'sigmoid' | 'tanh' | 'softmax';

/** A function of one value. `hardSigmoid` is `relu6(x + 3) / 6`. */
export interface UnaryOperation {
  readonly kind: 'unary';
  readonly function: UnaryFunction;
}

/** `max(x, 0) + slope · min(x, 0)`; or `min(x, bound)`; or `numerator / x`. */
export interface ParametricOperation {
  readonly kind: 'leakyRelu' | 'minimum' | 'reciprocal';
  readonly parameter: number;
}

/** `min(max(x + shift, 0), 2 · shift)`: the gate of a hard swish, which is the product with x. */
export interface HardGateOperation {
  readonly kind: 'hardGate';
  readonly shift: number;
}

/** Pixels 0..255 as float32. */
export interface PixelsOperation {
  readonly kind: 'pixels';
}

/** `rows · picture · columns` per channel; rows `[H, h]`, columns `[w, W]`. */
export interface ResampleOperation {
  readonly kind: 'resample';
  readonly rows: Float32Array;
  readonly columns: Float32Array;
}

export type Operation =
  | ConvOperation
  | DepthwiseOperation
  | DenseOperation
  | AffineOperation
  | BinaryOperation
  | PoolOperation
  | GlobalPoolOperation
  | BorderOperation
  | ReshapeOperation
  | ConcatOperation
  | UnaryOperation
  | ParametricOperation
  | HardGateOperation
  | PixelsOperation
  | ResampleOperation;

/** Where an operation stands: what it reads and writes. */
export interface Placement {
  /** The layer's name; unique. */
  readonly name: string;
  readonly inputs: readonly string[];
  /** Name of the value it makes: that of the last layer fused into it. */
  readonly output: string;
  readonly activation: FusedActivation;
  /** Kept in float32 where the rest is in half precision: pixels and probabilities. */
  readonly exact?: true;
}

/** One step of a {@link Program}. */
export type Step<O extends Operation = Operation> = O & Placement;

/** Steps of one kind. */
export type StepOf<K extends Operation['kind']> = Step & { readonly kind: K };

/** Element type and shape of a value: batch first, channels last. */
export interface ValueType {
  readonly dtype: Extract<DType, 'float32' | 'uint8'>;
  readonly shape: Shape;
}

/** A value under the name by which users of an artefact know it. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/**
 * A model in inference as a flat list of steps, channels last: what every file format is written from.
 *
 * Batch norms are folded, dropout is gone, activations and padding are fused where every format can. It knows
 * nothing of formats: each writer turns steps into its own operators.
 */
export interface Program {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Type of every value by name. */
  readonly values: ReadonlyMap<string, ValueType>;
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
}

/** How many steps and outputs read each value. */
export function countReaders(program: Pick<Program, 'steps' | 'outputs'>): Map<string, number> {
  const readers = new Map<string, number>();
  const names = [
    ...program.outputs.map(({ value }) => value),
    ...program.steps.flatMap((step) => step.inputs),
  ];
  for (const name of names) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}
