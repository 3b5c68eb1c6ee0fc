import { describe, expect, it } from 'vitest';

import { GraphError } from '../core/errors.js';
import { schemaOf } from '../ops/registry.js';
import { GraphBuilder } from './builder.js';
import { checkGraph } from './check.js';
import type { Graph, Node } from './graph.js';

/** x → Relu_0 → Softmax_1 → y. */
function soundGraph(): Graph {
  const b = new GraphBuilder('test', schemaOf);
  const x = b.input('x', 'float32', [2, 3]);
  const [positive] = b.node('Relu', [x]);
  const [soft] = b.node('Softmax', [positive], { axis: 1 });
  b.output('y', soft!);
  return b.build();
}

function withNode(i: number, change: Partial<Node>): Graph {
  const graph = soundGraph();
  return { ...graph, nodes: graph.nodes.map((node, j) => (i === j ? { ...node, ...change } : node)) };
}

describe('checkGraph', () => {
  it('accepts what the builder makes', () => {
    expect(() => checkGraph(soundGraph(), schemaOf)).not.toThrow();
  });

  const sound = soundGraph();
  const cases: [string, Graph, string][] = [
    [
      'an input that nobody defines',
      withNode(1, { inputs: ['nobody'] }),
      'Softmax "Softmax_1": received undefined input "nobody", expected an earlier value.',
    ],
    [
      'nodes out of order',
      { ...sound, nodes: [sound.nodes[1]!, sound.nodes[0]!, sound.nodes[2]!] },
      'Softmax "Softmax_1": received undefined input "Relu_0", expected an earlier value.',
    ],
    [
      'a cycle',
      withNode(0, { inputs: ['Softmax_1'] }),
      'Relu "Relu_0": received undefined input "Softmax_1", expected an earlier value.',
    ],
    [
      'two definitions of one value',
      { ...sound, nodes: [...sound.nodes, { ...sound.nodes[0]!, name: 'again' }] },
      'Relu "again": received a second definition of "Relu_0", expected single assignment.',
    ],
    [
      'a node that overwrites an input',
      withNode(0, { outputs: ['x'] }),
      'Relu "Relu_0": received a second definition of "x", expected single assignment.',
    ],
    [
      'an output that nobody defines',
      { ...sound, outputs: [{ name: 'z', dtype: 'float32', shape: [] }] },
      'graph "test": received output "z", expected a defined value.',
    ],
    [
      'a value without a type',
      { ...sound, types: new Map([...sound.types].filter(([name]) => name !== 'x')) },
      'graph "test": received untyped value "x", expected a type for every value.',
    ],
    [
      'a recorded shape that the operator does not give',
      { ...sound, types: new Map([...sound.types, ['Relu_0', { dtype: 'float32', shape: [3, 2] }]]) },
      'Relu "Relu_0": received float32[3, 2] for "Relu_0", expected float32[2, 3].',
    ],
    [
      'a recorded element type that the operator does not give',
      { ...sound, types: new Map([...sound.types, ['Relu_0', { dtype: 'float16', shape: [2, 3] }]]) },
      'Relu "Relu_0": received float16[2, 3] for "Relu_0", expected float32[2, 3].',
    ],
    [
      'a result without a recorded type',
      { ...sound, types: new Map([...sound.types].filter(([name]) => name !== 'y')) },
      'Identity "y": received no type for "y", expected float32[2, 3].',
    ],
    [
      'a declared output of another shape',
      { ...sound, outputs: [{ name: 'y', dtype: 'float32', shape: [6] }] },
      'graph "test": received float32[6] for output "y", expected float32[2, 3].',
    ],
    ['too few inputs', withNode(0, { opType: 'Add' }), 'Add "Relu_0": received 1 inputs, expected 2.'],
    ['too many inputs', withNode(0, { inputs: ['x', 'x'] }), 'Relu "Relu_0": received 2 inputs, expected 1.'],
    [
      'more outputs than the operator has',
      withNode(0, { outputs: ['Relu_0', 'more'] }),
      'Relu "Relu_0": received 2 outputs, expected at most 1.',
    ],
    [
      'an attribute that the operator does not have',
      withNode(0, { attributes: { alpha: { kind: 'float', value: 1 } } }),
      'Relu "Relu_0": received attribute "alpha", expected none.',
    ],
    [
      'an attribute of another kind',
      withNode(1, { attributes: { axis: { kind: 'float', value: 1 } } }),
      'Softmax "Softmax_1": received float as attribute "axis", expected int.',
    ],
    [
      'an attribute out of range',
      withNode(1, { attributes: { axis: { kind: 'int', value: 2 } } }),
      'Softmax: received axis 2, expected an axis of a rank-2 value.',
    ],
  ];

  it.each(cases)('finds %s', (_, graph, text) => {
    const run = () => checkGraph(graph, schemaOf);
    expect(run).toThrow(GraphError);
    expect(run).toThrow(text);
  });

  it('finds an operator without a schema', () => {
    expect(() => checkGraph(withNode(0, { opType: 'Convolve' }), schemaOf)).toThrow(/Convolve/);
    expect(() => checkGraph(withNode(0, { domain: 'else' }), schemaOf)).toThrow(/Relu/);
  });
});
