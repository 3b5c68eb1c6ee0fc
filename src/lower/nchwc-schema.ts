import type { SchemaLookup, OperatorSchema } from '../onnx/schema.js';
import { CONV_ATTRIBUTES, convGeometry, type ConvAttributes } from '../ops/conv-geometry.js';
import { required } from '../ops/infer.js';
import { schemaOf } from '../ops/registry.js';

/** Domain of ONNX Runtime's own blocked-layout kernels; internal to it, so probed before use. */
export const NCHWC_DOMAIN = 'com.microsoft.nchwc';

/**
 * Blocked convolution: as ONNX `Conv`, with an optional addend (input 3) and a fused activation:
 * act(conv(x, w) + bias + addend).
 */
const blockedConv: OperatorSchema = {
  opType: 'Conv',
  domain: NCHWC_DOMAIN,
  since: 1,
  inputs: [2, 4],
  attributes: {
    ...CONV_ATTRIBUTES,
    kernel_shape: { kind: 'ints' },
    activation: { kind: 'string' },
    activation_params: { kind: 'floats' },
  },
  infer: (inputs, attributes) => {
    const [x, w] = [required('nchwc.Conv', inputs, 0), required('nchwc.Conv', inputs, 1)];
    const g = convGeometry('nchwc.Conv', x.shape, w.shape, attributes as unknown as ConvAttributes);
    return [{ dtype: x.dtype, shape: [g.n, g.k, g.ho, g.wo] }];
  },
};

const blockedAveragePool: OperatorSchema = {
  opType: 'GlobalAveragePool',
  domain: NCHWC_DOMAIN,
  since: 1,
  inputs: [1, 1],
  attributes: {},
  infer: (inputs) => {
    const { dtype, shape } = required('nchwc.GlobalAveragePool', inputs, 0);
    return [{ dtype, shape: [shape[0] ?? 1, shape[1] ?? 1, 1, 1] }];
  },
};

/** Rearranges `[N, C, H, W]` into the CPU's blocked layout; the shape that ONNX sees stays the same. */
const reorderInput: OperatorSchema = {
  opType: 'ReorderInput',
  domain: NCHWC_DOMAIN,
  since: 1,
  inputs: [1, 1],
  attributes: {},
  infer: (inputs) => [required('nchwc.ReorderInput', inputs, 0)],
};

const BLOCKED = new Map(
  [blockedConv, blockedAveragePool, reorderInput].map((schema) => [schema.opType, schema]),
);

/** The operator registry plus the blocked kernels. */
export const loweredSchemaOf: SchemaLookup = (opType, domain) => {
  const blocked = domain === NCHWC_DOMAIN ? BLOCKED.get(opType) : undefined;
  return blocked ?? schemaOf(opType, domain);
};
