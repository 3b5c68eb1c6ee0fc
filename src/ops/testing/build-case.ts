import { gradients } from '../../autodiff/gradients.js';
import { createRandom } from '../../core/random.js';
import { float32, sizeOf } from '../../core/tensor.js';
import { GraphBuilder } from '../../onnx/builder.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { Emitter } from '../emitter.js';
import { isFloat } from '../infer.js';
import type { NdArray } from '../reference/ndarray.js';
import { schemaOf } from '../registry.js';
import { tensorOf, type CaseInput, type OperatorCase } from './case.js';

/** The graph of a case: outputs `y0…`, then, where gradients are asked for, `loss` and `dx0…` by input index. */
export interface BuiltCase {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, NdArray>>;
}

/**
 * Builds y = f(x…), loss = Σ y·r and the gradients of the loss.
 *
 * @param weights one r per output; default: random and fixed
 */
export function buildCase(c: OperatorCase, weights?: readonly (NdArray | undefined)[]): BuiltCase {
  const builder = new GraphBuilder(c.operator, schemaOf);
  const inputs = c.inputs.map((input, i) => input && addInput(builder, input, i));
  const outputs = builder.node(c.operator, inputs, c.attributes, { domain: c.domain ?? '' });
  outputs.forEach((value, i) => builder.output(`y${i}`, value));
  const wrt = c.wrt ?? [];
  if (wrt.length > 0) addGradients(builder, c, inputs, outputs, weights);
  return { graph: builder.build(), feeds: feedsOf(c) };
}

function addInput(builder: GraphBuilder, input: CaseInput, i: number): Value {
  if (input.constant === true) return builder.initializer(`x${i}`, tensorOf(input));
  return builder.input(`x${i}`, input.dtype, input.shape);
}

function addGradients(
  builder: GraphBuilder,
  c: OperatorCase,
  inputs: readonly (Value | undefined)[],
  outputs: readonly Value[],
  weights: readonly (NdArray | undefined)[] | undefined,
): void {
  const chosen = c.through ?? outputs.map((_, i) => i);
  const terms = outputs.flatMap((y, i) => {
    if (!chosen.includes(i) || !isFloat(y.dtype)) return [];
    const r = weights === undefined ? projection(y, i) : weights[i];
    return r === undefined ? [] : [weightedSum(builder, y, r)];
  });
  const loss = terms.reduce((sum, term) => new Emitter(builder).add(sum, term));
  const wrt = (c.wrt ?? []).map((i) => inputs[i]).filter((value) => value !== undefined);
  const grads = gradients(builder, loss, wrt);
  builder.output('loss', loss);
  grads.forEach((grad, j) => builder.output(`d${wrt[j]?.name ?? ''}`, grad));
}

function weightedSum(builder: GraphBuilder, y: Value, r: NdArray): Value {
  const o = new Emitter(builder);
  const weight = builder.initializer(`r/${y.name}`, float32(Float32Array.from(r.data), r.shape));
  const axes = y.shape.map((_, axis) => axis);
  const product = o.mul(y, weight);
  return axes.length === 0 ? product : o.reduceSum(product, axes, false);
}

function projection(y: Value, i: number): NdArray {
  const random = createRandom(7).fork('projection', i);
  return { shape: y.shape, data: Float64Array.from({ length: sizeOf(y.shape) }, () => random.normal()) };
}

function feedsOf(c: OperatorCase): Record<string, NdArray> {
  const feeds: Record<string, NdArray> = {};
  c.inputs.forEach((input, i) => {
    if (input === undefined || input.constant === true) return;
    feeds[`x${i}`] = { shape: input.shape, data: Float64Array.from(input.data) };
  });
  return feeds;
}
