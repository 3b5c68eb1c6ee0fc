import { InputError } from '../core/errors.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';

/** Keras 3's activations by its own names. */
const ACTIVATIONS = {
  linear: (_: Emitter, x: Value) => x,
  relu: (o: Emitter, x: Value) => o.relu(x),
  relu6: (o: Emitter, x: Value) => clip(o, x, 0, 6),
  // Keras 3: relu6(x + 3) / 6; Keras 2's slope was 0.2.
  hard_sigmoid: (o: Emitter, x: Value) => o.hardSigmoid(x, 1 / 6, 0.5),
  hard_silu: (o: Emitter, x: Value) => o.op('HardSwish', [x]),
  sigmoid: (o: Emitter, x: Value) => o.op('Sigmoid', [x]),
  silu: (o: Emitter, x: Value) => o.mul(x, o.op('Sigmoid', [x])),
  tanh: (o: Emitter, x: Value) => o.op('Tanh', [x]),
  softmax: (o: Emitter, x: Value) => o.op('Softmax', [x], { axis: lastKerasAxis(x) }),
} as const;

/** An activation by Keras's canonical name. */
export type ActivationName = keyof typeof ACTIVATIONS;

const ALIASES: Readonly<Record<string, ActivationName>> = { hard_swish: 'hard_silu', swish: 'silu' };

/** Adds an activation's nodes. */
export function activate(o: Emitter, name: ActivationName, x: Value): Value {
  return ACTIVATIONS[name](o, x);
}

/** The canonical name of an activation. @throws InputError naming one that is not supported */
export function activationName(where: string, name: string): ActivationName {
  const known = Object.keys(ACTIVATIONS) as ActivationName[];
  const found = Object.hasOwn(ALIASES, name) ? ALIASES[name] : known.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  throw new InputError({
    where,
    received: `activation "${name}"`,
    expected: `one of ${[...known, ...Object.keys(ALIASES)].join(', ')}`,
  });
}

/** `min(max(x, low), high)`. */
export function clip(o: Emitter, x: Value, low: number, high: number): Value {
  return o.op('Clip', [x, o.scalar(low), o.scalar(high)]);
}

/** The engine axis of Keras's last axis: channels stand at 1 in pictures. */
export function lastKerasAxis(x: Value): number {
  return x.shape.length === 4 ? 1 : x.shape.length - 1;
}
