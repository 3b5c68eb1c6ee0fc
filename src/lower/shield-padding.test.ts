import { describe, expect, it } from 'vitest';

import { float32 } from '../core/tensor.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { ortNode } from '../runtime/node/ort.js';
import { lowerGraph } from './lower.js';
import { simplify } from './simplify.js';

describe('zero padding before max pooling', () => {
  it('counts, though ONNX Runtime would fuse it away', async () => {
    const builder = new GraphBuilder('pooled', schemaOf);
    const o = new Emitter(builder);
    const padded = o.pad(builder.input('x', 'float32', [1, 1, 4, 4]), [0, 0, 1, 1, 0, 0, 1, 1]);
    builder.output('y', o.op('MaxPool', [padded], { kernel_shape: [2, 2], strides: [2, 2] }));
    const bytes = encodeModel(lowerGraph(simplify(builder.build()), { kind: 'portable' }));
    const session = await ortNode().createSession(bytes, { threads: 1 });
    const { y } = await session.run({ x: float32(new Float32Array(16).fill(-2.5), [1, 1, 4, 4]) });
    await session.close();
    // Every window but the middle one reaches into the border.
    const found = Array.from(y!.data as Float32Array, (value) => Number(value.toFixed(6)));
    expect(found).toEqual([0, 0, 0, 0, -2.5, 0, 0, 0, 0]);
  });
});
