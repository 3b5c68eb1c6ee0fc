import { GraphError } from '../core/errors.js';
import { sameShape, type Shape } from '../core/tensor.js';
import type { GraphBuilder } from '../onnx/builder.js';
import type { Node, Value } from '../onnx/graph.js';
import { plainAttributes } from '../onnx/schema.js';
import { Emitter } from '../ops/emitter.js';
import { operatorOf } from '../ops/registry.js';

/**
 * Appends to a graph the nodes that compute the gradient of a scalar with respect to some of its values
 * (reverse mode: Griewank & Walther, Evaluating Derivatives, 2008).
 *
 * Only values on a path from `wrt` to `loss` get gradient nodes, so whatever is frozen costs nothing.
 *
 * @param loss a float32 scalar of shape []
 * @returns one gradient per `wrt` value, of the same shape
 * @throws GraphError when a path leads through an operator that is declared not differentiable
 * @example
 * const [dw] = gradients(builder, loss, [w]);
 */
export function gradients(builder: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length > 0) {
    throw new GraphError({
      where: 'gradients',
      received: `a loss of shape [${loss.shape.join(', ')}]`,
      expected: 'a scalar',
    });
  }
  const forward = [...builder.nodesSoFar];
  const walk = new ReverseWalk(builder, dependents(forward, wrt));
  walk.accumulate(loss.name, builder.scalar(1));
  builder.within('grad', () => {
    for (const node of forward.reverse()) walk.visit(node);
  });
  return wrt.map((value) => walk.gradientOf(value));
}

/** Names of all values that depend on any of `roots`, roots included. */
function dependents(nodes: readonly Node[], roots: readonly Value[]): ReadonlySet<string> {
  const names = new Set(roots.map((root) => root.name));
  for (const node of nodes) {
    if (node.inputs.some((input) => names.has(input))) for (const output of node.outputs) names.add(output);
  }
  return names;
}

class ReverseWalk {
  private readonly grads = new Map<string, Value>();
  private readonly o: Emitter;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly active: ReadonlySet<string>,
  ) {
    this.o = new Emitter(builder);
  }

  /** Adds one contribution to the gradient of a value. */
  accumulate(name: string, grad: Value): void {
    const known = this.grads.get(name);
    this.grads.set(name, known === undefined ? grad : this.o.add(known, grad));
  }

  /** Passes the gradients of a node's outputs on to its inputs. */
  visit(node: Node): void {
    const grads = node.outputs.map((name) => this.grads.get(name));
    const needs = node.inputs.map((name) => this.active.has(name));
    if (!grads.some((grad) => grad !== undefined) || !needs.includes(true)) return;
    const results = this.builder.within(node.opType, () => this.differentiate(node, grads, needs));
    node.inputs.forEach((name, i) => {
      const grad = results[i];
      if (needs[i] === true && grad !== undefined) {
        this.accumulate(name, unbroadcast(this.o, grad, this.builder.value(name).shape));
      }
    });
  }

  gradientOf(value: Value): Value {
    const grad = this.grads.get(value.name);
    if (grad !== undefined) return grad;
    throw new GraphError({
      where: 'gradients',
      received: `"${value.name}", on which the loss does not depend`,
      expected: 'a value on a path to the loss',
    });
  }

  private differentiate(
    node: Node,
    grads: (Value | undefined)[],
    needs: boolean[],
  ): readonly (Value | undefined)[] {
    const operator = operatorOf(node.opType, node.domain);
    const { gradient } = operator;
    if (typeof gradient !== 'function') {
      const received = `a path through ${node.opType} "${node.name}" (${gradient.notDifferentiable})`;
      throw new GraphError({ where: 'gradients', received, expected: 'differentiable operators' });
    }
    const value = (name: string) => this.builder.value(name);
    const inputs = node.inputs.map((name) => (name === '' ? undefined : value(name)));
    const attributes = plainAttributes(operator, node.attributes) as never;
    const results = gradient({
      o: this.o,
      inputs,
      outputs: node.outputs.map(value),
      grads,
      attributes,
      needs,
    });
    return checked(node, results, needs);
  }
}

/** A rule returns at most one gradient per input. */
function checked(
  node: Node,
  results: readonly (Value | undefined)[],
  needs: readonly boolean[],
): readonly (Value | undefined)[] {
  const surplus = results.slice(needs.length).filter((grad) => grad !== undefined).length;
  if (surplus === 0) return results;
  const received = `${needs.length + surplus} gradients`;
  throw new GraphError({ where: node.opType, received, expected: `at most ${needs.length}` });
}

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(o: Emitter, grad: Value, shape: Shape): Value {
  if (sameShape(grad.shape, shape)) return grad;
  const lead = grad.shape.length - shape.length;
  const axes = grad.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && grad.shape[axis] !== 1));
  const summed = axes.length === 0 ? grad : o.reduceSum(grad, axes);
  return sameShape(summed.shape, shape) ? summed : o.reshape(summed, shape);
}
