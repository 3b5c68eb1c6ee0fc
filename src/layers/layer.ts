import type { Random } from '../core/random.js';
import type { Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import type { JsonObject } from './json.js';

/** A rule for the first values of a weight, with its Keras class name and configuration. */
export interface Initializer {
  readonly className: string;
  config(): JsonObject;
  /** Values for a weight of this shape (Keras layout), a function of the stream's seed alone. */
  fill(shape: Shape, random: Random): Float32Array<ArrayBuffer>;
}

/** One weight of a layer. */
export interface WeightSpec {
  /** Keras's variable name: `kernel`, `bias`, `gamma`, `moving_mean`, ... */
  readonly name: string;
  /** Keras layout: HWIO for convolution kernels, [in, out] for dense ones. */
  readonly shape: Shape;
  /** `engineShape[i] = shape[engineOrder[i]]`; absent where both layouts are the same. HWIO → OIHW is [3, 2, 0, 1]. */
  readonly engineOrder?: readonly number[];
  readonly initializer: Initializer;
  /** λ of the penalty λ·Σw² (Keras's L2 regularizer). */
  readonly l2?: number;
  /** False for moving statistics, which no optimizer touches. */
  readonly trainable: boolean;
}

/** What a layer may ask for while it adds itself to an ONNX graph. */
export interface CallContext {
  readonly o: Emitter;
  /** Dropout drops and batch norm normalizes by the batch's own statistics. */
  readonly training: boolean;
  /** A weight of a layer in engine layout. */
  weight(layer: Layer, name: string): Value;
  /** Asks for `weight ← momentum · weight + (1 − momentum) · batchValue` after the step (`momentum` weighs the old value). */
  movingAverage(layer: Layer, name: string, batchValue: Value, momentum: number): void;
  /** A mask of `shape` that is 0 with probability `rate` and else 1 / (1 − rate). */
  dropoutMask(layer: Layer, shape: Shape, rate: number): Value;
}

/** A number that stands where an operation's second input would, and on which side. */
export interface Operand {
  readonly value: number;
  readonly side: 'left' | 'right';
}

/**
 * A Keras layer, immutable but for `trainable`.
 *
 * Shapes in the layer graph are Keras's (channels last, batch axis left out): [H, W, C], [F]. Inside
 * `call`, rank-4 values are [N, C, H, W]; values of any other rank keep Keras's axis order, batch first.
 */
export interface Layer {
  /** Keras's class name, e.g. `Conv2D`. */
  readonly className: string;
  readonly name: string;
  /** False for a bare operation (`x + 3`), which Keras keeps in the graph but out of `model.layers`. */
  readonly isLayer: boolean;
  /** The number in a bare operation such as `x + 3`. */
  readonly operand: Operand | undefined;
  /** As in Keras: a frozen layer's weights get no updates, a frozen batch norm runs on its moving statistics. */
  trainable: boolean;
  /** Keras's `get_config()`. */
  config(): JsonObject;
  /** Weights in Keras's order. */
  weights(inputShapes: readonly Shape[]): readonly WeightSpec[];
  /** @throws InputError on inputs that do not fit */
  outputShape(inputShapes: readonly Shape[]): Shape;
  /** Adds the layer's nodes to the graph behind `context.o`. */
  call(context: CallContext, inputs: readonly Value[]): Value;
}

/** The shape of a weight as the engine sees it. */
export function engineShape(spec: WeightSpec): Shape {
  return spec.engineOrder === undefined ? spec.shape : spec.engineOrder.map((axis) => spec.shape[axis] ?? 1);
}

/** Whether an optimizer may change this weight now. */
export function isTrainable(layer: Layer, spec: WeightSpec): boolean {
  return layer.trainable && spec.trainable;
}

/** Keras's shape (channels last, no batch) of an engine value. */
export function kerasShape(value: Value): Shape {
  const [, ...rest] = value.shape;
  if (value.shape.length !== 4) return rest;
  const [channels = 1, height = 1, width = 1] = rest;
  return [height, width, channels];
}
