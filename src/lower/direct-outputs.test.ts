import { expect, it } from 'vitest';

import { checkGraph } from '../onnx/check.js';
import { operatorsOf, testBuilder } from '../ops/testing/check-onnx.js';
import { schemaOf } from '../ops/registry.js';
import { withDirectOutputs } from './direct-outputs.js';

it('lets the node write the output, through any number of copies', () => {
  const b = testBuilder('copies');
  const x = b.input('x', 'float32', [2]);
  const [sum = x] = b.node('Add', [x, x]);
  const [copy = x] = b.node('Identity', [sum]);
  b.output('next', copy);
  b.output('product', b.node('Mul', [sum, sum])[0] ?? x);
  const graph = withDirectOutputs(b.build());
  expect(operatorsOf(graph)).toEqual(['Add', 'Mul']);
  expect(graph.nodes.map((node) => node.outputs[0])).toEqual(['next', 'product']);
  checkGraph(graph, schemaOf);
});

it('keeps a copy of an input, and one of two copies of the same value', () => {
  const b = testBuilder('needed copies');
  const x = b.input('x', 'float32', [2]);
  b.output('same', x);
  const [sum = x] = b.node('Add', [x, x]);
  b.output('first', sum);
  b.output('second', sum);
  const graph = withDirectOutputs(b.build());
  expect(operatorsOf(graph)).toEqual(['Identity', 'Add', 'Identity']);
  checkGraph(graph, schemaOf);
});
