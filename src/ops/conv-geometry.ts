import { GraphError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import { requireRank } from './infer.js';

/** Attributes that Conv and its gradients share; two spatial axes (height, width). */
export const CONV_ATTRIBUTES = {
  strides: { kind: 'ints', default: [1, 1] },
  /** Zero rows and columns added: top, left, bottom, right. */
  pads: { kind: 'ints', default: [0, 0, 0, 0] },
  dilations: { kind: 'ints', default: [1, 1] },
  group: { kind: 'int', default: 1 },
} as const;

/** Plain values of {@link CONV_ATTRIBUTES}. */
export interface ConvAttributes {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

/** Everything about one two-dimensional convolution, by name. */
export interface ConvGeometry {
  readonly n: number;
  /** Input channels, input height and width. */
  readonly c: number;
  readonly h: number;
  readonly w: number;
  /** Output channels, output height and width. */
  readonly k: number;
  readonly ho: number;
  readonly wo: number;
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly dh: number;
  readonly dw: number;
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly group: number;
}

/**
 * Resolves a convolution of x `[N, C, H, W]` by weights `[K, C/group, kh, kw]`.
 * @throws GraphError when ranks, channels or groups do not fit, or nothing is left of the image
 */
export function convGeometry(
  where: string,
  x: Shape,
  weights: Shape,
  attributes: ConvAttributes,
): ConvGeometry {
  requireRank(where, 'input', x, 4);
  requireRank(where, 'weights', weights, 4);
  const [n = 0, c = 0, h = 0, w = 0] = x;
  const [k = 0, cg = 0, kh = 0, kw = 0] = weights;
  const { group, strides, dilations, pads } = attributes;
  const [sh = 1, sw = 1] = strides;
  const [dh = 1, dw = 1] = dilations;
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  if (cg * group !== c || k % group !== 0) {
    const received = `${c} input channels and weights [${weights.join(', ')}] in ${group} groups`;
    throw new GraphError({
      where,
      received,
      expected: 'channels = weights[1] · group and weights[0] divisible by group',
    });
  }
  const ho = Math.floor((h + top + bottom - dh * (kh - 1) - 1) / sh) + 1;
  const wo = Math.floor((w + left + right - dw * (kw - 1) - 1) / sw) + 1;
  if (ho < 1 || wo < 1)
    throw new GraphError({
      where,
      received: `an image of ${h}×${w}`,
      expected: 'one at least as large as the kernel',
    });
  return { n, c, h, w, k, ho, wo, kh, kw, sh, sw, dh, dw, top, left, bottom, right, group };
}

/** Whether a convolution is a plain matrix product over channels. */
export function isPointwise(g: ConvGeometry): boolean {
  const { kh, kw, sh, sw, top, left, bottom, right, group } = g;
  return kh === 1 && kw === 1 && sh === 1 && sw === 1 && top + left + bottom + right === 0 && group === 1;
}

/** Whether each output channel reads its own single input channel. */
export function isDepthwise(g: ConvGeometry): boolean {
  return g.group > 1 && g.group === g.c && g.k === g.c;
}
