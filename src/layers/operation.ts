import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { defineLayer, onlyOf, type LayerDraft, type LayerType } from './define.js';
import type { Operand } from './layer.js';
import { mergedShape } from './merging.js';

interface OperationConfig {
  /** Undefined: two inputs. */
  readonly operand: Operand | undefined;
}

type Rule = (o: Emitter, a: Value, b: Value | number, flipped: boolean) => Value;

/**
 * Bare arithmetic between layers (`x + 3`, `x * y`), which Keras keeps as operations: they stand in the
 * graph and in `config.json`, not in `model.layers`.
 */
export const OPERATIONS = {
  Add: operation('Add', (o, a, b) => o.add(a, b)),
  Multiply: operation('Multiply', (o, a, b) => o.mul(a, b)),
  Subtract: operation('Subtract', (o, a, b, flipped) => (flipped ? o.sub(b, a) : o.sub(a, b))),
  TrueDivide: operation('TrueDivide', (o, a, b, flipped) => (flipped ? o.div(b, a) : o.div(a, b))),
  Divide: operation('Divide', (o, a, b, flipped) => (flipped ? o.div(b, a) : o.div(a, b))),
} as const;

/** Name of a supported operation. */
export type OperationName = keyof typeof OPERATIONS;

/** Whether a class name is one of {@link OPERATIONS}. */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}

/** `x + value`. */
export function plus(value: number): LayerDraft {
  return OPERATIONS.Add.draft({ operand: { value, side: 'right' } });
}

/** `x · value`. */
export function times(value: number): LayerDraft {
  return OPERATIONS.Multiply.draft({ operand: { value, side: 'right' } });
}

/** An operation on two inputs, or on one and a number. */
export function operationDraft(name: OperationName, operand?: Operand): LayerDraft {
  return OPERATIONS[name].draft({ operand });
}

function operation(className: string, rule: Rule): LayerType<OperationConfig> {
  return defineLayer<OperationConfig>({
    className,
    isLayer: false,
    read: () => ({ operand: undefined }),
    // Keras writes the number among the call's arguments, not into the configuration.
    write: () => ({}),
    operand: ({ operand }) => operand,
    outputShape: ({ operand }, inputs, where) =>
      operand === undefined ? mergedShape(inputs, where) : onlyOf(where, inputs),
    call: ({ operand }, { o, x, inputs: [, y] }) => {
      if (operand !== undefined) return rule(o, x, operand.value, operand.side === 'left');
      return y === undefined ? x : rule(o, x, y, false);
    },
  });
}
