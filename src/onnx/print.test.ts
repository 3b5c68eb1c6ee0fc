import { expect, it } from 'vitest';

import { float32 } from '../core/tensor.js';
import { MIEN_DOMAIN } from './graph.js';
import { schemaOf } from '../ops/registry.js';
import { GraphBuilder } from './builder.js';
import { printGraph } from './print.js';

it('printGraph lists inputs, outputs, initializers and one node a line', () => {
  const b = new GraphBuilder('net', schemaOf);
  const x = b.input('x', 'float32', [2, 3, 4, 4]);
  const w = b.initializer(
    'w',
    float32(
      Array.from({ length: 27 }, (_, i) => i / 2),
      [1, 3, 3, 3],
    ),
  );
  const [conv] = b.node('Conv', [x, w], { pads: [1, 1, 1, 1] });
  const [norm] = b.node(
    'BatchNormTraining',
    [conv, b.initializer('s', float32([2], [1])), b.initializer('b', float32([0.5], [1]))],
    { epsilon: 0.001 },
    { domain: MIEN_DOMAIN },
  );
  const [bounded] = b.node('Clip', [norm, undefined, b.scalar(6)]);
  const [padded] = b.node('Pad', [bounded, b.ints([0, 0, 1, 1, 0, 0, 0, 0])], { mode: 'constant' });
  b.output('y', padded!);
  expect(printGraph(b.build())).toMatchInlineSnapshot(`
    "net(x: float32[2, 3, 4, 4]) -> (y: float32[2, 1, 5, 5])
      w: float32[1, 3, 3, 3] = {0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, …}
      s: float32[1] = {2}
      b: float32[1] = {0.5}
      const_4: float32[] = {6}
      const_6: int64[8] = {0, 0, 1, 1, 0, 0, 0, 0}
      Conv_0: float32[2, 1, 4, 4] = Conv(x, w, pads=[1, 1, 1, 1])
      BatchNormTraining_1: float32[2, 1, 4, 4], BatchNormTraining_2: float32[1], BatchNormTraining_3: float32[1] = mien.BatchNormTraining(Conv_0, s, b, epsilon=0.001)
      Clip_5: float32[2, 1, 4, 4] = Clip(BatchNormTraining_1, -, const_4)
      Pad_7: float32[2, 1, 5, 5] = Pad(Clip_5, const_6, mode="constant")
      y: float32[2, 1, 5, 5] = Identity(Pad_7)"
  `);
});

it('printGraph shows untyped values as a question mark', () => {
  const b = new GraphBuilder('net', schemaOf);
  b.node('Relu', [b.input('x', 'float32', [])]);
  const graph = { ...b.build(), types: new Map() };
  expect(printGraph(graph)).toBe('net(x: float32[]) -> ()\n  Relu_0: ? = Relu(x)');
});
