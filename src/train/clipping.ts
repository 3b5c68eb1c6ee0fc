import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';

/** Gradient clipping by Keras's argument names; at most one of the two. */
export interface ClipConfig {
  /** Largest L2 norm of each variable's gradient. */
  readonly clipnorm?: number;
  /** Largest L2 norm of all gradients together. */
  readonly globalClipnorm?: number;
}

/** Scales gradients down to a norm: `g · c / max(‖g‖, c)`, as `tf.clip_by_norm`. */
export function clipGradients(
  o: Emitter,
  grads: readonly Value[],
  config: ClipConfig = {},
): readonly Value[] {
  return o.builder.within('clip', () => {
    if (config.clipnorm !== undefined) return clipEach(o, grads, config.clipnorm);
    if (config.globalClipnorm !== undefined) return clipTogether(o, grads, config.globalClipnorm);
    return grads;
  });
}

/** All norms are handled in one vector: a model has hundreds of variables, and each node costs time. */
function clipEach(o: Emitter, grads: readonly Value[], limit: number): Value[] {
  const norms = o.sqrt(
    o.concat(
      grads.map((grad) => sumOfSquares(o, grad)),
      0,
    ),
  );
  const factors = o.div(limit, o.op('Max', [norms, o.scalar(limit)]));
  const parts = o.builder.node('Split', [factors, o.builder.ints(grads.map(() => 1))], { axis: 0 });
  return grads.map((grad, i) => scaled(o, grad, parts[i] ?? 1));
}

function clipTogether(o: Emitter, grads: readonly Value[], limit: number): Value[] {
  const squares = o.concat(
    grads.map((grad) => sumOfSquares(o, grad)),
    0,
  );
  const norm = o.sqrt(o.reduceSum(squares, [0]));
  const factor = o.div(limit, o.op('Max', [norm, o.scalar(limit)]));
  return grads.map((grad) => scaled(o, grad, factor));
}

/** Flat: ONNX Runtime multiplies `[576, 144, 1, 1]` by a scalar a hundred times slower than `[82944]`. */
function scaled(o: Emitter, grad: Value, factor: Value | number): Value {
  return o.reshape(o.mul(o.reshape(grad, [-1]), factor), grad.shape);
}

/** `[1]` */
function sumOfSquares(o: Emitter, grad: Value): Value {
  return o.op('ReduceSumSquare', [o.reshape(grad, [-1]), o.builder.ints([0])], { keepdims: 1 });
}
