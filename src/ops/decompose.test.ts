import { describe, expect, it } from 'vitest';

import { checkGraph } from '../onnx/check.js';
import { decomposeGraph } from './decompose.js';
import { Emitter } from './emitter.js';
import { evaluateGraph } from './reference/evaluate.js';
import { ndarray } from './reference/ndarray.js';
import { schemaOf } from './registry.js';
import { operatorsOf, testBuilder } from './testing/check-onnx.js';
import { OPERATOR_CASES } from './testing/cases.js';
import { buildCase } from './testing/build-case.js';

describe('decomposeGraph', () => {
  it('leaves a graph of ONNX operators as it is', () => {
    const b = testBuilder();
    b.output('y', new Emitter(b).relu(b.input('x', 'float32', [2])));
    const graph = b.build();
    expect(decomposeGraph(graph)).toBe(graph);
  });

  it('replaces nested operators and keeps names, metadata and values', () => {
    const b = testBuilder();
    const dy = b.input('dy', 'float32', [1, 1, 2, 2]);
    const attributes = { kernel_shape: [2, 2], strides: [2, 2], input_size: [4, 4] };
    const dx = new Emitter(b).own('AveragePoolGrad', [dy], attributes);
    b.output('dx', dx);
    const graph = b.build({ key: 'value' });
    // Also as a direct graph output, without the Identity of `output`.
    const direct = { ...graph, outputs: [...graph.outputs, dx] };
    const plain = decomposeGraph(direct);
    checkGraph(plain, schemaOf);
    expect(operatorsOf(plain)).toEqual([
      'Mul',
      'Reshape',
      'ConvTranspose',
      'Reshape',
      'Identity',
      'Identity',
    ]);
    expect(plain.outputs).toEqual(direct.outputs);
    expect(plain.metadata).toEqual({ key: 'value' });
    const feeds = { dy: ndarray([1, 1, 2, 2], (i) => i) };
    const values = evaluateGraph(plain, feeds);
    expect(values.get('dx')).toEqual(evaluateGraph(graph, feeds).get('dx'));
    expect(values.get(dx.name)).toEqual(values.get('dx'));
  });

  it.each(OPERATOR_CASES.map((c) => [c.name, c] as const))('gives a valid graph for %s', (_, c) => {
    const plain = decomposeGraph(buildCase(c).graph);
    checkGraph(plain, schemaOf);
    expect(plain.nodes.filter((node) => node.domain === 'mien')).toEqual([]);
  });
});
