import { encodeModel } from '../onnx/encode.js';
import { GraphBuilder } from '../onnx/builder.js';
import { Emitter } from '../ops/emitter.js';
import { loweredSchemaOf, NCHWC_DOMAIN } from './nchwc-schema.js';

/**
 * A model that shows the CPU's block size: input `x` `[1, 64, 2, 1]`, output `y` `[128]` in blocked order.
 * Engines without blocked kernels refuse it.
 */
export function blockProbeModel(): Uint8Array {
  const builder = new GraphBuilder('block_probe', loweredSchemaOf);
  const o = new Emitter(builder);
  const reordered = o.op('ReorderInput', [builder.input('x', 'float32', [1, 64, 2, 1])], {}, NCHWC_DOMAIN);
  builder.output('y', o.reshape(reordered, [-1]));
  return encodeModel(builder.build());
}
