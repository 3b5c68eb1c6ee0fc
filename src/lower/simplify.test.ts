import { describe, expect, it } from 'vitest';

import { int64 } from '../core/tensor.js';
import type { Graph, Value } from '../onnx/graph.js';
import { operatorsOf, testBuilder } from '../ops/testing/check-onnx.js';
import type { GraphBuilder } from '../onnx/builder.js';
import type { Emitter } from '../ops/emitter.js';
import { CollapsingEmitter } from './collapsing-emitter.js';
import { withoutDeadNodes } from './dead-nodes.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { fusePadding } from './fuse-padding.js';
import { simplify } from './simplify.js';
import { graphOf, rewritten, weights } from './testing/rewritten.js';

describe('fusePadding', () => {
  const padded = (pads: readonly number[], conv: readonly number[], more: (string | number)[] = []) =>
    graphOf((b, o) => {
      const x = b.input('x', 'float32', [1, 2, 5, 5]);
      const [mode = 'constant', fill] = more;
      const operands = [x, b.ints(pads), ...(fill === undefined ? [] : [b.scalar(Number(fill))])];
      const [pad] = b.node('Pad', operands, { mode: String(mode) });
      b.output('y', o.op('Conv', [pad, weights(b, [3, 2, 3, 3])], { pads: conv, strides: [2, 2] }));
    });
  const padsOf = (graph: Graph) =>
    graph.nodes.find((node) => node.opType === 'Conv')!.attributes['pads']!.value;

  it('moves zero padding into the convolution, on top of its own', () => {
    const fused = rewritten(padded([0, 0, 1, 2, 0, 0, 3, 4], [1, 0, 0, 1]), fusePadding);
    expect(operatorsOf(fused)).toEqual(['Conv', 'Identity']);
    expect(padsOf(fused)).toEqual([2, 2, 3, 5]);
  });

  it('moves it into a convolution that has none of its own', () => {
    const graph = graphOf((b, o) => {
      const pad = o.pad(b.input('x', 'float32', [1, 2, 5, 5]), [0, 0, 1, 1, 0, 0, 1, 1]);
      b.output('y', o.op('Conv', [pad, weights(b, [3, 2, 3, 3])]));
    });
    expect(padsOf(rewritten(graph, fusePadding))).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['a padded batch', padded([1, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0])],
    ['reflected borders', padded([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0], ['reflect'])],
    ['repeated borders', padded([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0], ['edge'])],
    ['another value than 0', padded([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0], ['constant', 2])],
  ])('leaves %s alone', (_, graph) => {
    expect(rewritten(graph, fusePadding)).toEqual(graph);
  });

  it('leaves negative padding alone', () => {
    // The builder refuses it; a decoded file may have it.
    const graph = padded([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0]);
    const name = graph.nodes[0]!.inputs[1]!;
    const initializers = new Map(graph.initializers).set(name, int64([0, 0, -1, 1, 0, 0, 1, 1]));
    expect(operatorsOf(fusePadding({ ...graph, initializers }))).toContain('Pad');
  });

  it('leaves padding that is computed at run time alone', () => {
    const graph = padded([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0]);
    expect(operatorsOf(fusePadding({ ...graph, initializers: new Map() }))).toContain('Pad');
  });

  it('keeps padding that something else reads as well', () => {
    const graph = graphOf((b, o) => {
      const pad = o.pad(b.input('x', 'float32', [1, 2, 5, 5]), [0, 0, 1, 1, 0, 0, 1, 1]);
      b.output('y', o.op('Conv', [pad, weights(b, [3, 2, 3, 3])]));
      b.output('mean', o.op('GlobalAveragePool', [pad]));
    });
    const fused = rewritten(graph, fusePadding);
    expect(operatorsOf(fused)).toEqual(['Pad', 'Conv', 'Identity', 'GlobalAveragePool', 'Identity']);
    expect(fused.nodes[1]!.inputs[0]).toBe('x');
  });

  it('serves two convolutions, and keeps padding that is an output', () => {
    const graph = graphOf((b, o) => {
      const pad = o.pad(b.input('x', 'float32', [1, 2, 5, 5]), [0, 0, 1, 1, 0, 0, 1, 1]);
      b.output('y', o.op('Conv', [pad, weights(b, [3, 2, 3, 3])]));
      b.output('z', o.op('Conv', [pad, weights(b, [1, 2, 1, 1], 'v')]));
    });
    expect(operatorsOf(rewritten(graph, fusePadding))).not.toContain('Pad');
    const pad = graph.nodes[0]!.outputs[0]!;
    const outputs = [...graph.outputs, { name: pad, ...graph.types.get(pad)! }];
    expect(operatorsOf(rewritten({ ...graph, outputs }, fusePadding))).toContain('Pad');
  });
});

/** Conv → BatchNormalization on given statistics. */
function normalized(
  variant: (parts: { b: GraphBuilder; o: Emitter; conv: Value; y: Value }) => void = () => undefined,
  options: { bias?: boolean; group?: number; trained?: boolean } = {},
): Graph {
  return graphOf((b, o) => {
    const group = options.group ?? 1;
    const x = b.input('x', 'float32', [2, 4, 3, 3]);
    const shape = [4, 4 / group, 3, 3];
    const kernel = options.trained === true ? b.input('w', 'float32', shape) : weights(b, shape);
    const bias = options.bias === true ? [weights(b, [4], 'bias')] : [];
    const conv = o.op('Conv', [x, kernel, ...bias], { group, pads: [1, 1, 1, 1] });
    const vectors = ['scale', 'shift', 'mean', 'variance'].map((name) => weights(b, [4], name));
    const y = o.op('BatchNormalization', [conv, ...vectors], { epsilon: 0.01 });
    b.output('y', y);
    variant({ b, o, conv, y });
  });
}

describe('foldBatchNorm', () => {
  it.each([1, 2, 4])('folds given statistics into a convolution of %i groups', (group) => {
    const graph = normalized(undefined, { group });
    expect(operatorsOf(rewritten(graph, foldBatchNorm))).not.toContain('BatchNormalization');
    expect(operatorsOf(rewritten(graph, simplify))).toEqual(['Conv', 'Identity']);
  });

  it('folds into trained weights by nodes of the graph, so that they still get gradients', () => {
    const folded = rewritten(normalized(undefined, { trained: true }), simplify);
    expect(operatorsOf(folded)).toEqual(['Mul', 'Conv', 'Identity']);
  });

  it.each([
    ['a convolution that is read twice', normalized(({ b, o, conv }) => b.output('z', o.relu(conv)))],
    ['a convolution that is an output', normalized(({ b, conv }) => b.output('z', conv))],
    ['a convolution with a bias', normalized(undefined, { bias: true })],
  ])('leaves %s alone', (_, graph) => {
    expect(rewritten(graph, foldBatchNorm)).toEqual(graph);
  });

  it('leaves a convolution alone that is a graph output itself', () => {
    const graph = normalized();
    const conv = graph.nodes[0]!.outputs[0]!;
    const outputs = [...graph.outputs, { name: conv, ...graph.types.get(conv)! }];
    expect(rewritten({ ...graph, outputs }, foldBatchNorm).nodes).toEqual(graph.nodes);
  });

  it('leaves batch norms of other values alone', () => {
    const graph = graphOf((b, o) => {
      const x = b.input('x', 'float32', [2, 4, 3, 3]);
      const vectors = ['scale', 'shift', 'mean', 'variance'].map((name) => weights(b, [4], name));
      b.output('y', o.op('BatchNormalization', [o.relu(x), ...vectors]));
    });
    expect(rewritten(graph, foldBatchNorm)).toEqual(graph);
  });

  it('folds a chain, and keeps the names of values that are read later', () => {
    const graph = graphOf((b, o) => {
      let x = b.input('x', 'float32', [2, 4, 3, 3]);
      for (const layer of ['a', 'b', 'c']) {
        const conv = o.op('Conv', [x, weights(b, [4, 4, 1, 1], `${layer}/w`)]);
        const vectors = ['scale', 'shift', 'mean', 'variance'].map((n) => weights(b, [4], `${layer}/${n}`));
        x = o.add(o.relu(o.op('BatchNormalization', [conv, ...vectors])), x);
      }
      b.output('y', x);
    });
    const folded = rewritten(graph, simplify);
    expect(operatorsOf(folded).filter((name) => name === 'Conv')).toHaveLength(3);
    expect(operatorsOf(folded)).not.toContain('BatchNormalization');
    const relus = (g: Graph) =>
      g.nodes.filter((node) => node.opType === 'Relu').map((node) => node.inputs[0]);
    expect(relus(folded)).toEqual(relus(graph));
  });
});

describe('foldConstants', () => {
  it('computes what depends on constants only, chains included', () => {
    const graph = graphOf((b, o) => {
      const table = o.mul(o.exp(weights(b, [3])), o.add(weights(b, [3], 'v'), 1));
      b.output('y', o.add(b.input('x', 'float32', [2, 3]), table));
    });
    const folded = rewritten(graph, foldConstants);
    expect(operatorsOf(folded)).toEqual(['Add', 'Identity']);
    expect(folded.initializers.get(folded.nodes[0]!.inputs[1]!)!.data).toBeInstanceOf(Float32Array);
  });

  it('keeps outputs, and what is not float32', () => {
    const graph = graphOf((b, o) => {
      b.output('constant', weights(b, [3]));
      b.output(
        'y',
        o.where(o.op('Greater', [weights(b, [3], 'v'), o.scalar(0)]), b.input('x', 'float32', [3]), 0),
      );
    });
    expect(operatorsOf(rewritten(graph, foldConstants))).toEqual([
      'Identity',
      'Greater',
      'Where',
      'Identity',
    ]);
  });

  it('leaves large results to the runtime', () => {
    const graph = graphOf((b, o) => {
      b.output(
        'y',
        o.add(b.input('x', 'float32', []), o.reduceSum(o.expand(o.scalar(1), [2001, 2000]), [0, 1], false)),
      );
    });
    expect(operatorsOf(foldConstants(graph))).toContain('Expand');
  });

  it('does not read half precision as numbers', () => {
    const graph = graphOf((b, o) => {
      const half = b.initializer('half', {
        dtype: 'float16',
        shape: [2],
        data: Uint16Array.of(0x3c00, 0x4000),
      });
      b.output('y', o.add(b.input('x', 'float32', [2]), o.cast(half, 'float32')));
    });
    expect(operatorsOf(foldConstants(graph))).toContain('Cast');
  });
});

describe('withoutDeadNodes', () => {
  it('drops what no output needs and keeps inputs', () => {
    const graph = graphOf((b, o) => {
      const x = b.input('x', 'float32', [2]);
      b.input('unread', 'float32', [2]);
      const parts = b.node('Split', [o.exp(x), b.ints([1, 1])], { axis: 0 });
      o.neg(o.mul(x, weights(b, [2], 'dead')));
      b.output('y', parts[1]!);
    });
    const alive = rewritten(graph, withoutDeadNodes);
    expect(operatorsOf(alive)).toEqual(['Exp', 'Split', 'Identity']);
    expect(alive.initializers.has('dead')).toBe(false);
    expect(alive.inputs).toHaveLength(2);
  });
});

describe('CollapsingEmitter', () => {
  function reshapes(build: (o: CollapsingEmitter, x: Value) => Value): {
    count: number;
    y: Value;
    graph: Graph;
  } {
    const b = testBuilder();
    const x = b.input('x', 'float32', [2, 3, 4]);
    const y = build(new CollapsingEmitter(b), x);
    b.output('y', y);
    const graph = b.build();
    return { count: operatorsOf(graph).filter((name) => name === 'Reshape').length, y, graph };
  }

  it('adds no reshape that changes nothing', () => {
    const { count, y } = reshapes((o, x) => o.reshape(o.reshape(x, [2, 3, 4]), [2, -1, 4]));
    expect([count, y.name]).toEqual([0, 'x']);
  });

  it('reshapes a reshape from its source, and back to the source by nothing', () => {
    const { count, y, graph } = reshapes((o, x) => o.reshape(o.reshape(o.reshape(x, [24]), [4, -1]), [6, 4]));
    expect(y.shape).toEqual([6, 4]);
    expect(graph.nodes.at(-2)!.inputs[0]).toBe('x');
    expect(count).toBe(3);
    expect(operatorsOf(withoutDeadNodes(graph))).toEqual(['Reshape', 'Identity']);
    expect(reshapes((o, x) => o.reshape(o.reshape(x, [24]), [2, 3, 4])).y.name).toBe('x');
  });

  it('makes each reshape once, of each value', () => {
    const { count } = reshapes((o, x) => o.add(o.reshape(x, [6, 4]), o.reshape(x, [-1, 4])));
    expect(count).toBe(1);
    const two = reshapes((o, x) => o.add(o.reshape(x, [24]), o.reshape(o.neg(x), [24])));
    expect(two.count).toBe(2);
  });
});
