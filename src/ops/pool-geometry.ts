import { GraphError } from '../core/errors.js';
import { sizeOf, type Shape } from '../core/tensor.js';
import { convGeometry, type ConvGeometry } from './conv-geometry.js';
import { requireRank } from './infer.js';

/** Attributes that the pooling operators share; two spatial axes (height, width). */
export const POOL_ATTRIBUTES = {
  kernel_shape: { kind: 'ints', required: true },
  strides: { kind: 'ints', default: [1, 1] },
  /** Rows and columns added: top, left, bottom, right. */
  pads: { kind: 'ints', default: [0, 0, 0, 0] },
} as const;

/** Attributes that Mien knows only to refuse them: window placement is always explicit. */
export const POOL_REFUSED = {
  auto_pad: { kind: 'string', default: 'NOTSET' },
  ceil_mode: { kind: 'int', default: 0 },
} as const;

/** Plain values of {@link POOL_ATTRIBUTES}. */
export interface PoolAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations?: readonly number[];
}

/**
 * A pooling of x `[N, C, H, W]` as the convolution of N·C one-channel images by one kernel: their windows
 * are the same.
 * @throws GraphError when the window does not fit or a border is as wide as the window
 */
export function poolGeometry(where: string, x: Shape, attributes: PoolAttributes): ConvGeometry {
  requireRank(where, 'input', x, 4);
  const { kernel_shape: kernel, strides, pads, dilations = [1, 1] } = attributes;
  requireTwo(where, 'kernel_shape', kernel);
  requireTwo(where, 'strides', strides);
  if (pads.some((pad, i) => pad < 0 || pad >= (kernel[i % 2] ?? 0))) {
    const received = `pads [${pads.join(', ')}] for a window [${kernel.join(', ')}]`;
    throw new GraphError({ where, received, expected: 'pads smaller than the window' });
  }
  const planes = [sizeOf(x.slice(0, 2)), 1, ...x.slice(2)];
  return convGeometry(where, planes, [1, 1, ...kernel], { strides, pads, dilations, group: 1 });
}

/** The output shape of a pooling. */
export function pooledShape(x: Shape, { ho, wo }: ConvGeometry): Shape {
  return [...x.slice(0, 2), ho, wo];
}

/** Refuses {@link POOL_REFUSED} at other values than their defaults. @throws GraphError */
export function requireExplicit(where: string, attributes: { auto_pad: string; ceil_mode: number }): void {
  if (attributes.auto_pad !== 'NOTSET') {
    throw new GraphError({ where, received: `auto_pad ${attributes.auto_pad}`, expected: 'explicit pads' });
  }
  if (attributes.ceil_mode !== 0)
    throw new GraphError({ where, received: 'ceil_mode 1', expected: 'ceil_mode 0' });
}

function requireTwo(where: string, name: string, values: readonly number[]): void {
  if (values.length === 2 && values.every((value) => Number.isInteger(value) && value > 0)) return;
  const received = `${name} [${values.join(', ')}]`;
  throw new GraphError({ where, received, expected: 'two positive numbers, for height and width' });
}
