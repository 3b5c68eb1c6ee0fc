import { describe, expect, it } from 'vitest';

import { GraphError } from '../core/errors.js';
import { float32, int64 } from '../core/tensor.js';
import { schemaOf } from '../ops/registry.js';
import { GraphBuilder } from './builder.js';
import { consumersOf, producersOf } from './graph.js';

function newBuilder(): GraphBuilder {
  return new GraphBuilder('test', schemaOf);
}

describe('GraphBuilder', () => {
  it('infers types, names nodes after their first output and keeps the order', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2, 3]);
    const [sum] = b.node('Add', [x, b.initializer('bias', float32([1, 2, 3], [3]))]);
    b.output('y', sum!);
    const graph = b.build({ author: 'test' });
    expect(sum).toEqual({ name: 'Add_0', dtype: 'float32', shape: [2, 3] });
    expect(graph.nodes.map(({ name, opType, inputs, outputs }) => [name, opType, inputs, outputs])).toEqual([
      ['Add_0', 'Add', ['x', 'bias'], ['Add_0']],
      ['y', 'Identity', ['Add_0'], ['y']],
    ]);
    expect(graph.inputs).toEqual([x]);
    expect(graph.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [2, 3] }]);
    expect([...graph.types.keys()]).toEqual(['x', 'bias', 'Add_0', 'y']);
    expect(graph.metadata).toEqual({ author: 'test' });
  });

  it('gives several outputs, named or not', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [5]);
    const parts = b.node('Split', [x, b.ints([2, 3])], {}, { outputNames: ['head'] });
    expect(parts.map(({ shape }) => shape)).toEqual([[2], [3]]);
    expect(parts[0]!.name).toBe('head');
    expect(parts[1]!.name).toMatch(/^Split_\d+$/);
  });

  it('drops trailing omitted inputs and keeps inner ones as empty names', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2]);
    b.node('Clip', [x, undefined, b.scalar(6)]);
    b.node('Clip', [x, undefined, undefined]);
    const [inner, trailing] = b.build().nodes;
    expect(inner!.inputs).toHaveLength(3);
    expect(inner!.inputs[1]).toBe('');
    expect(trailing!.inputs).toEqual(['x']);
  });

  it('shares equal constants, apart by type and shape', () => {
    const b = newBuilder();
    expect(b.scalar(1).name).toBe(b.scalar(1).name);
    expect(b.ints([1, 2]).name).toBe(b.constant(int64([1, 2])).name);
    const names = [b.scalar(1), b.constant(float32([1], [1])), b.ints([1]), b.scalar(2)].map((v) => v.name);
    expect(new Set(names).size).toBe(4);
    expect(b.constantOf(b.scalar(2))?.data).toEqual(Float32Array.of(2));
    expect(b.constantOf(b.input('x', 'float32', []))).toBeUndefined();
  });

  it('prefixes names inside scopes, and leaves a scope when its body throws', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2]);
    const name = () => b.node('Relu', [x])[0]!.name;
    b.within('outer', () => {
      expect(b.within('inner', name)).toMatch(/^outer\/inner\/Relu_\d+$/);
      expect(() =>
        b.within('broken', () => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
      expect(name()).toMatch(/^outer\/Relu_\d+$/);
    });
    expect(name()).toMatch(/^Relu_\d+$/);
  });

  it('finds free names beside given ones', () => {
    const b = newBuilder();
    const x = b.input('Relu_0', 'float32', [2]);
    const [y] = b.node('Relu', [x]);
    expect(y!.name).toBe('Relu_1');
  });

  it('builds snapshots: later nodes do not show in earlier graphs', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2]);
    const before = b.build();
    b.node('Relu', [x]);
    expect(before.nodes).toEqual([]);
    expect(before.types.size).toBe(1);
  });

  it('goes on where a graph ended, without its outputs', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2]);
    b.output('y', b.node('Relu', [x])[0]!);
    const resumed = GraphBuilder.resume(b.build(), schemaOf);
    const [z] = resumed.node('Relu', [resumed.value('y')]);
    resumed.output('z', z!);
    const graph = resumed.build();
    expect(graph.nodes.map((node) => node.opType)).toEqual(['Relu', 'Identity', 'Relu', 'Identity']);
    expect(graph.outputs.map((value) => value.name)).toEqual(['z']);
    expect(new Set(graph.types.keys()).size).toBe(5);
  });
});

describe('GraphBuilder refuses', () => {
  const b = newBuilder();
  const x = b.input('x', 'float32', [2, 3]);
  const cases: [string, () => unknown, string | RegExp][] = [
    [
      'two inputs of one name',
      () => b.input('x', 'float32', [1]),
      'graph "test": received a second value "x", expected unique names.',
    ],
    [
      'an initializer named like an input',
      () => b.initializer('x', float32([1], [])),
      'graph "test": received a second value "x", expected unique names.',
    ],
    [
      'an output named like another value',
      () => b.output('x', x),
      'graph "test": received a second value "x", expected unique names.',
    ],
    ['too few inputs', () => b.node('Add', [x]), 'Add: received 1 inputs, expected 2.'],
    ['too many inputs', () => b.node('Relu', [x, x]), 'Relu: received 2 inputs, expected 1.'],
    [
      'a number of inputs outside a range',
      () => b.node('Clip', [x, x, x, x]),
      'Clip: received 4 inputs, expected 1 to 3.',
    ],
    ['an omitted required input', () => b.node('Relu', [undefined]), /^Relu: received no input 0, expected /],
    [
      'an unknown attribute',
      () => b.node('Softmax', [x], { axes: 1 }),
      'Softmax: received attribute "axes", expected axis.',
    ],
    [
      'an attribute where there are none',
      () => b.node('Relu', [x], { alpha: 1 }),
      'Relu: received attribute "alpha", expected none.',
    ],
    [
      'a missing required attribute',
      () => b.node('Concat', [x]),
      'Concat: received no attribute "axis", expected it to be set.',
    ],
    [
      'a value that nobody made',
      () => b.value('nobody'),
      'graph "test": received value "nobody", expected a defined value.',
    ],
    ['an unknown operator', () => b.node('Convolve', [x]), /Convolve/],
    ['an unknown domain', () => b.node('Relu', [x], {}, { domain: 'else' }), /Relu/],
  ];

  it.each(cases)('%s', (_, run, text) => {
    expect(run).toThrow(GraphError);
    expect(run).toThrow(text);
  });

  it('and is as before', () => {
    expect(b.build().nodes).toEqual([]);
  });
});

describe('producersOf and consumersOf', () => {
  it('index nodes by their values, a reader twice where it reads twice', () => {
    const b = newBuilder();
    const x = b.input('x', 'float32', [2]);
    const [y] = b.node('Add', [x, x]);
    const [z] = b.node('Mul', [y!, x]);
    const { nodes } = b.build();
    expect(producersOf(nodes).get(z!.name)?.opType).toBe('Mul');
    expect(producersOf(nodes).get('x')).toBeUndefined();
    expect(
      consumersOf(nodes)
        .get('x')
        ?.map((node) => node.opType),
    ).toEqual(['Add', 'Add', 'Mul']);
    expect(consumersOf(nodes).get(z!.name)).toBeUndefined();
  });
});
