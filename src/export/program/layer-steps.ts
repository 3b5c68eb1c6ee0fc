import { InputError } from '../../core/errors.js';
import type { Shape } from '../../core/tensor.js';
import type { ActivationName } from '../../layers/activations.js';
import { normSteps, operandSteps, rescalingStep } from './affine-steps.js';
import { emit, type LayerContext } from './layer-context.js';
import { convSteps, denseSteps, depthwiseSteps, separableSteps } from './kernel-steps.js';
import type { Operation, UnaryFunction } from './program.js';
import { windowOfPool } from './windows.js';

type Rule = (context: LayerContext) => string;

const RULES: Readonly<Record<string, Rule>> = {
  Activation: (c) => activate(c, c.inputs[0] ?? '', c.reader.activation(), c.node.name),
  Add: (c) => operandSteps(c) ?? merge(c, 'add'),
  AveragePooling2D: (c) => emit(c, { kind: 'averagePool', window: windowOfPool(c.reader, c.shapes[0]) }),
  BatchNormalization: normSteps,
  Concatenate: (c) => emit(c, { kind: 'concat', axis: concatAxis(c) }),
  Conv2D: (c) => activated(c, convSteps),
  Cropping2D: (c) => emit(c, { kind: 'crop', pads: sidesOf(c, 'cropping') }),
  Dense: (c) => activated(c, denseSteps),
  DepthwiseConv2D: (c) => activated(c, depthwiseSteps),
  Divide: (c) => operandSteps(c) ?? merge(c, 'divide'),
  Dropout: (c) => c.inputs[0] ?? '',
  Flatten: (c) => emit(c, { kind: 'reshape' }),
  GlobalAveragePooling2D: (c) => globalPool(c, 'globalAverage'),
  GlobalMaxPooling2D: (c) => globalPool(c, 'globalMax'),
  MaxPooling2D: (c) => emit(c, { kind: 'maxPool', window: windowOfPool(c.reader, c.shapes[0]) }),
  Multiply: (c) => operandSteps(c) ?? merge(c, 'multiply'),
  ReLU: reluSteps,
  Rescaling: rescalingStep,
  Reshape: (c) => emit(c, { kind: 'reshape' }),
  SeparableConv2D: (c) => activated(c, separableSteps),
  Softmax: (c) => emit(c, { kind: 'unary', function: 'softmax' }),
  Subtract: (c) => operandSteps(c) ?? merge(c, 'subtract'),
  TrueDivide: (c) => operandSteps(c) ?? merge(c, 'divide'),
  ZeroPadding2D: (c) => emit(c, { kind: 'pad', pads: sidesOf(c, 'padding') }),
};

/** Class names of all layers that can be exported. */
export const EXPORTED_LAYERS: readonly string[] = Object.keys(RULES);

/**
 * Adds the steps of one layer; returns the name of the value that it makes.
 * @throws InputError naming a layer that cannot be exported
 */
export function layerSteps(context: LayerContext): string {
  const { className } = context.layer;
  const rule = Object.hasOwn(RULES, className) ? RULES[className] : undefined;
  if (rule !== undefined) return rule(context);
  throw new InputError({
    where: `export of layer "${context.node.name}"`,
    received: `the class ${className}`,
    expected: `one of ${EXPORTED_LAYERS.join(', ')}`,
  });
}

/** A layer's own steps, then the activation of its configuration; the last step has the layer's name. */
function activated(context: LayerContext, steps: (context: LayerContext, name: string) => string): string {
  const activation = context.reader.activation();
  const { name } = context.node;
  if (activation === 'linear') return steps(context, name);
  return activate(context, steps(context, `${name}/linear`), activation, name);
}

function activate(context: LayerContext, x: string, activation: ActivationName, name: string): string {
  const { builder, shape } = context;
  const add = (operation: Operation, inputs: readonly string[], as = name) =>
    builder.add(operation, { name: as, inputs, shape });
  if (activation === 'linear') return x;
  if (activation !== 'silu') return add({ kind: 'unary', function: UNARY[activation] }, [x]);
  const gate = add({ kind: 'unary', function: 'sigmoid' }, [x], `${name}/sigmoid`);
  return add({ kind: 'multiply' }, [x, gate]);
}

const UNARY: Readonly<Record<Exclude<ActivationName, 'linear' | 'silu'>, UnaryFunction>> = {
  relu: 'relu',
  relu6: 'relu6',
  hard_sigmoid: 'hardSigmoid',
  hard_silu: 'hardSwish',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softmax: 'softmax',
};

/** Two inputs at a time; the last step has the layer's name. */
function merge(context: LayerContext, kind: 'add' | 'subtract' | 'multiply' | 'divide'): string {
  const { builder, node, inputs, shape } = context;
  const [first = '', ...others] = inputs;
  return others.reduce((sum, next, i) => {
    const last = i === others.length - 1;
    const name = last ? node.name : `${node.name}/${i}`;
    const merged = last ? shape : broadcast(builder.shapeOf(sum), builder.shapeOf(next));
    return builder.add({ kind }, { name, inputs: [sum, next], shape: merged });
  }, first);
}

function broadcast(a: Shape, b: Shape): Shape {
  return a.map((size, axis) => (size === 1 ? (b[axis] ?? 1) : size));
}

function globalPool(context: LayerContext, kind: 'globalAverage' | 'globalMax'): string {
  return emit(context, { kind, keepdims: context.reader.boolean('keepdims', false) });
}

/** Keras `ReLU`: `min(max(x, 0), maxValue) + slope · min(x, 0)`, a chain of at most two steps. */
function reluSteps(context: LayerContext): string {
  const { builder, node, reader, inputs, shape } = context;
  const slope = reader.number('negative_slope', 0);
  const bound = reader.numberOrNull('max_value');
  const bounded = bound !== null && (bound !== 6 || slope !== 0);
  const name = bounded ? `${node.name}/rectified` : node.name;
  const rectify: Operation =
    slope !== 0
      ? { kind: 'leakyRelu', parameter: slope }
      : { kind: 'unary', function: bound === 6 ? 'relu6' : 'relu' };
  const rectified = builder.add(rectify, { name, inputs, shape });
  if (!bounded) return rectified;
  return builder.add({ kind: 'minimum', parameter: bound }, { name: node.name, inputs: [rectified], shape });
}

function concatAxis({ reader, shapes }: LayerContext): number {
  const axis = reader.integer('axis', -1, -4);
  return axis < 0 ? axis + (shapes[0]?.length ?? 0) : axis;
}

function sidesOf({ reader }: LayerContext, key: string): [number, number, number, number] {
  const [rows, columns] = reader.sides(key);
  return [rows[0], columns[0], rows[1], columns[1]];
}
