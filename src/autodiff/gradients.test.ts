import { describe, expect, it } from 'vitest';

import { GraphError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { float32, sizeOf, type Shape } from '../core/tensor.js';
import type { GraphBuilder } from '../onnx/builder.js';
import { checkGraph } from '../onnx/check.js';
import type { Graph, Value } from '../onnx/graph.js';
import { printGraph } from '../onnx/print.js';
import { Emitter } from '../ops/emitter.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { ndarray, type NdArray } from '../ops/reference/ndarray.js';
import { schemaOf } from '../ops/registry.js';
import { operatorsOf, testBuilder } from '../ops/testing/check-onnx.js';
import { gradients } from './gradients.js';

function drawn(shape: Shape, seed: number): NdArray {
  const random = createRandom(seed).fork('values');
  return ndarray(shape, () => random.normal());
}

/** Sum of all elements, weighted so that no two count the same. */
function weightedSum(o: Emitter, x: Value): Value {
  const weights = float32(Float32Array.from(drawn(x.shape, 99).data), x.shape);
  const axes = x.shape.map((_, axis) => axis);
  const product = o.mul(x, o.builder.initializer(`weights of ${x.name}`, weights));
  return axes.length === 0 ? product : o.reduceSum(product, axes, false);
}

interface Differentiated {
  readonly graph: Graph;
  readonly forwardNodes: number;
}

/** A graph with outputs `loss` and `d<name>` for every named value. */
function differentiated(
  build: (o: Emitter, b: GraphBuilder) => { loss: Value; wrt: Value[] },
): Differentiated {
  const b = testBuilder();
  const { loss, wrt } = build(new Emitter(b), b);
  const forwardNodes = b.nodesSoFar.length;
  const grads = gradients(b, loss, wrt);
  b.output('loss', loss);
  grads.forEach((grad, i) => b.output(`d${wrt[i]!.name}`, grad));
  const graph = b.build();
  checkGraph(graph, schemaOf);
  return { graph, forwardNodes };
}

/** Compares each gradient element with a central difference of the loss (float64: about 1e-9 exact). */
function expectRightGradients({ graph }: Differentiated, wrt: readonly string[]): void {
  const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }, i) => [name, drawn(shape, i + 1)]));
  const values = evaluateGraph(graph, feeds);
  for (const name of wrt) {
    const feed = feeds[name]!;
    const grad = values.get(`d${name}`)!;
    expect(grad.shape, name).toEqual(feed.shape);
    for (let i = 0; i < sizeOf(feed.shape); i++) {
      const moved = (step: number) => {
        const data = feed.data.map((x, j) => (j === i ? x + step : x));
        return evaluateGraph(graph, { ...feeds, [name]: { shape: feed.shape, data } }).get('loss')!.data[0]!;
      };
      expect(grad.data[i]!, `${name}[${i}]`).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 6);
    }
  }
}

describe('fan-out', () => {
  it('adds up over every reader of a value, a reader that reads it twice included', () => {
    const made = differentiated((o, b) => {
      const x = b.input('x', 'float32', [2, 3]);
      const square = o.mul(x, x);
      const branches = [o.exp(square), o.op('Tanh', [square]), o.mul(square, x), o.neg(x)];
      const sum = branches.reduce((total, branch) => o.add(total, branch));
      return { loss: weightedSum(o, sum), wrt: [x] };
    });
    expectRightGradients(made, ['x']);
  });

  it('adds up over several outputs of one node', () => {
    const made = differentiated((o, b) => {
      const x = b.input('x', 'float32', [6]);
      const [a, , c] = b.node('Split', [x, b.ints([2, 1, 3])], { axis: 0 });
      const loss = o.add(weightedSum(o, o.exp(a!)), weightedSum(o, o.mul(c!, c!)));
      return { loss, wrt: [x] };
    });
    expectRightGradients(made, ['x']);
  });

  it('costs one Add per extra reader and no more', () => {
    const { graph, forwardNodes } = differentiated((o, b) => {
      const x = b.input('x', 'float32', []);
      return { loss: o.add(o.add(o.neg(x), o.neg(x)), o.neg(x)), wrt: [x] };
    });
    const backward = operatorsOf(graph).slice(forwardNodes);
    expect(backward.filter((name) => name === 'Add')).toHaveLength(2);
    expect(backward.filter((name) => name === 'Neg')).toHaveLength(3);
  });

  it('gives gradients of inner values and of the loss itself', () => {
    const { graph } = differentiated((o, b) => {
      const x = b.input('x', 'float32', []);
      const inner = o.mul(x, 3);
      const loss = o.mul(inner, inner);
      return { loss, wrt: [x, inner, loss] };
    });
    const values = evaluateGraph(graph, { x: ndarray([], () => 2) });
    const grads = graph.outputs.slice(1).map(({ name }) => values.get(name)!.data[0]);
    expect(grads).toEqual([36, 12, 1]);
  });
});

describe('broadcasting is undone', () => {
  const shapes: [Shape, Shape][] = [
    [[2, 3], [3]],
    [[2, 3], [1]],
    [[2, 3], []],
    [
      [2, 3],
      [2, 1],
    ],
    [
      [2, 3],
      [1, 3],
    ],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [2, 1],
      [1, 3],
    ],
    [[2, 1], [3]],
    [
      [4, 1, 2],
      [3, 1],
    ],
    [
      [2, 3, 2, 2],
      [3, 1, 1],
    ],
    [
      [2, 3, 2, 2],
      [1, 3, 1, 1],
    ],
    [
      [2, 3, 2, 2],
      [2, 3, 1, 1],
    ],
    [
      [2, 3, 2, 2],
      [2, 1, 1, 1],
    ],
    [
      [1, 1, 3],
      [2, 1, 1, 1],
    ],
    [[1], [1, 1]],
    [[], [1, 1]],
    [[1, 2], [2]],
    [[], []],
  ];

  it.each(shapes)('%j with %j', (a, b) => {
    const made = differentiated((o, builder) => {
      const [x, y] = [builder.input('x', 'float32', a), builder.input('y', 'float32', b)];
      const both = o.add(o.mul(x, y), o.sub(o.exp(y), o.mul(y, x)));
      return { loss: weightedSum(o, o.mul(both, o.add(x, y))), wrt: [x, y] };
    });
    expectRightGradients(made, ['x', 'y']);
  });

  it('by one sum over exactly the repeated axes, and none where nothing was repeated', () => {
    const { graph, forwardNodes } = differentiated((o, b) => {
      const x = b.input('x', 'float32', [2, 3, 4]);
      const [bias, full] = [b.input('bias', 'float32', [3, 1]), b.input('full', 'float32', [2, 3, 4])];
      return { loss: weightedSum(o, o.add(o.add(x, bias), full)), wrt: [bias, full] };
    });
    const backward = graph.nodes.slice(forwardNodes);
    const sums = backward.filter((node) => node.opType === 'ReduceSum');
    expect(sums).toHaveLength(1);
    expect([...graph.initializers.get(sums[0]!.inputs[1]!)!.data].map(Number)).toEqual([0, 2]);
  });
});

describe('what is frozen costs nothing', () => {
  /** x → conv (frozen or not) → relu → conv2 → loss. */
  function twoConvolutions(wrtOf: (first: Value, second: Value) => Value[]): Differentiated {
    return differentiated((o, b) => {
      const x = b.input('x', 'float32', [2, 3, 4, 4]);
      const first = b.input('first', 'float32', [4, 3, 1, 1]);
      const second = b.input('second', 'float32', [2, 4, 3, 3]);
      const hidden = o.relu(o.op('Conv', [x, first]));
      return { loss: weightedSum(o, o.op('Conv', [hidden, second])), wrt: wrtOf(first, second) };
    });
  }

  it('no node differentiates a frozen prefix', () => {
    const { graph, forwardNodes } = twoConvolutions((_, second) => [second]);
    const backward = operatorsOf(graph).slice(forwardNodes);
    expect(backward.filter((name) => name.includes('Conv'))).toEqual(['mien.ConvWeightGrad']);
    expect(backward).not.toContain('mien.ConvInputGrad');
    expect(
      printGraph(graph)
        .split('\n')
        .filter((line) => line.includes('= mien.ConvWeightGrad(')),
    ).toHaveLength(1);
    // No mask of the Relu that only the frozen side needs.
    expect(backward).not.toContain('HardSigmoid');
  });

  it('nothing is computed for the pictures, and gradients only pass through a frozen middle', () => {
    const { graph, forwardNodes } = twoConvolutions((first) => [first]);
    const backward = operatorsOf(graph).slice(forwardNodes);
    expect(backward.filter((name) => name.includes('Conv'))).toEqual([
      'mien.ConvInputGrad',
      'mien.ConvWeightGrad',
    ]);
  });

  it('all that trains gets its gradient', () => {
    const { graph, forwardNodes } = twoConvolutions((first, second) => [first, second]);
    const backward = operatorsOf(graph).slice(forwardNodes);
    expect(backward.filter((name) => name.includes('Conv')).sort()).toEqual([
      'mien.ConvInputGrad',
      'mien.ConvWeightGrad',
      'mien.ConvWeightGrad',
    ]);
  });

  it('a branch that does not lead to the loss gets no gradient', () => {
    const { graph, forwardNodes } = differentiated((o, b) => {
      const x = b.input('x', 'float32', [2]);
      b.output('aside', o.exp(o.mul(x, x)));
      return { loss: weightedSum(o, o.neg(x)), wrt: [x] };
    });
    expect(operatorsOf(graph).slice(forwardNodes)).not.toContain('Exp');
    expectRightGradients({ graph, forwardNodes }, ['x']);
  });

  it('leaves the forward nodes as they are', () => {
    const b = testBuilder();
    const o = new Emitter(b);
    const x = b.input('x', 'float32', [2]);
    const loss = weightedSum(o, o.exp(x));
    const before = [...b.nodesSoFar];
    gradients(b, loss, [x]);
    expect(b.nodesSoFar.slice(0, before.length)).toEqual(before);
    expect(b.nodesSoFar.slice(before.length).every(({ name }) => name.startsWith('grad/'))).toBe(true);
  });
});

describe('gradients refuses', () => {
  it('a loss that is not a scalar', () => {
    const b = testBuilder();
    const x = b.input('x', 'float32', [1]);
    const run = () => gradients(b, new Emitter(b).neg(x), [x]);
    expect(run).toThrow(GraphError);
    expect(run).toThrow('gradients: received a loss of shape [1], expected a scalar.');
  });

  it('a value that the loss does not depend on', () => {
    const b = testBuilder();
    const o = new Emitter(b);
    const [x, y] = [b.input('x', 'float32', []), b.input('y', 'float32', [])];
    expect(() => gradients(b, o.neg(x), [x, y])).toThrow(
      'gradients: received "y", on which the loss does not depend, expected a value on a path to the loss.',
    );
  });

  it('a path through an operator that has no derivative, naming it and why', () => {
    const b = testBuilder();
    const o = new Emitter(b);
    const x = b.input('x', 'float32', []);
    const floor = o.op('Floor', [x]);
    expect(() => gradients(b, o.mul(floor, x), [x])).toThrow(
      /^gradients: received a path through Floor "Floor_0" \(.+\), expected differentiable operators\.$/,
    );
  });

  it('but not such an operator beside the path', () => {
    const b = testBuilder();
    const o = new Emitter(b);
    const [x, y] = [b.input('x', 'float32', []), b.input('y', 'float32', [])];
    expect(() => gradients(b, o.mul(x, o.op('Floor', [y])), [x])).not.toThrow();
  });
});
