import { activation } from '../layers/activation.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { conv2d } from '../layers/conv2d.js';
import { heNormal } from '../layers/initializers.js';
import { add, concatenate } from '../layers/merging.js';
import { cropping2d, zeroPadding2d } from '../layers/padding.js';
import { averagePooling2d, maxPooling2d } from '../layers/pooling.js';
import { separableConv2d } from '../layers/separable-conv2d.js';
import { kerasSides } from './keras-padding.js';
import type { Feature } from './net-builder.js';

/** What a cell hands on: its output, and its own input for the cell after the next. */
export interface CellOutput {
  readonly x: Feature;
  readonly previous: Feature;
}

/** What a cell is built from. */
export interface CellInput {
  readonly x: Feature;
  /** Output of the cell before the one that made `x`; undefined for the first cell. */
  readonly previous: Feature | undefined;
  readonly filters: number;
  /** Suffix of the layer names. */
  readonly id: string;
  /** Of the batch normalizations. */
  readonly epsilon: number;
}

type Branch = 'left' | 'right';

/** NASNet-A's normal cell (Zoph et al. 2018, figure 4): [H, W, C] → [H, W, 6 · filters]. */
export function normalCell(input: CellInput): CellOutput {
  const { x: ip, id } = input;
  const { net } = ip;
  const p = adjust(input);
  const h = squeeze(input, 'normal');
  const name = (branch: Branch, i: number) => `normal_${branch}${i}_${id}`;
  const separable = (x: Feature, kernel: number, branch: Branch, i: number) =>
    separableBlock(input, x, { kernel, strides: 1, id: name(branch, i) });
  const mean = (x: Feature, branch: Branch, i: number) =>
    net.add(averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }), x, name(branch, i));
  const sum = (a: Feature, b: Feature, i: number) => net.add(add(), [a, b], `normal_add_${i}_${id}`);
  const x1 = sum(separable(h, 5, 'left', 1), separable(p, 3, 'right', 1), 1);
  const x2 = sum(separable(p, 5, 'left', 2), separable(p, 3, 'right', 2), 2);
  const x3 = sum(mean(h, 'left', 3), p, 3);
  const x4 = sum(mean(p, 'left', 4), mean(p, 'right', 4), 4);
  const x5 = sum(separable(h, 3, 'left', 5), h, 5);
  return { x: net.add(concatenate(), [p, x1, x2, x3, x4, x5], `normal_concat_${id}`), previous: ip };
}

/** NASNet-A's reduction cell: [H, W, C] → [⌈H/2⌉, ⌈W/2⌉, 4 · filters]. */
export function reductionCell(input: CellInput): CellOutput {
  const { x: ip, id } = input;
  const { net } = ip;
  const p = adjust(input);
  const h = squeeze(input, 'reduction');
  const padded = net.add(zeroPadding2d(kerasSides(h, 3)), h, `reduction_pad_1_${id}`);
  const name = (branch: Branch, i: number) => `reduction_${branch}${i}_${id}`;
  const halving = (x: Feature, kernel: number, branch: Branch, i: number) =>
    separableBlock(input, x, { kernel, strides: 2, id: name(branch, i) });
  const half = { poolSize: 3, strides: 2 } as const;
  const sum = (a: Feature, b: Feature, what?: string) =>
    net.add(add(), [a, b], what === undefined ? undefined : `reduction_${what}_${id}`);
  const x1 = sum(halving(h, 5, 'left', 1), halving(p, 7, 'right', 1), 'add_1');
  const largest = net.add(maxPooling2d(half), padded, name('left', 2));
  const x2 = sum(largest, halving(p, 7, 'right', 2), 'add_2');
  const mean = net.add(averagePooling2d(half), padded, name('left', 3));
  const x3 = sum(mean, halving(p, 5, 'right', 3), 'add3');
  const smooth = averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' });
  const x4 = sum(x2, net.add(smooth, x1, name('left', 4)));
  const kept = separableBlock(input, x1, { kernel: 3, strides: 1, id: name('left', 4) });
  const x5 = sum(kept, net.add(maxPooling2d(half), padded, name('right', 5)), 'add4');
  return { x: net.add(concatenate(), [x2, x3, x4, x5], `reduction_concat_${id}`), previous: ip };
}

/** Brings the input of the cell before to this cell's size and width. */
function adjust(input: CellInput): Feature {
  const { x, previous: p, filters, id } = input;
  if (p === undefined) return x;
  const { net } = x;
  if (p.shape[1] !== x.shape[1]) return norm(input, halved(p, filters, id), `adjust_bn_${id}`);
  if (p.shape[2] === filters) return p;
  const projected = net.add(activation('relu'), p);
  return norm(
    input,
    net.add(pointwise(filters), projected, `adjust_conv_projection_${id}`),
    `adjust_bn_${id}`,
  );
}

/** Every second pixel of the picture, and of the picture moved by one, so that no pixel is lost. */
function halved(p: Feature, filters: number, id: string): Feature {
  const { net } = p;
  const active = net.add(activation('relu'), p, `adjust_relu_1_${id}`);
  const moved = net.add(
    cropping2d([
      [1, 0],
      [1, 0],
    ]),
    net.add(
      zeroPadding2d([
        [0, 1],
        [0, 1],
      ]),
      active,
    ),
  );
  const path = (x: Feature, i: number) => {
    const every2nd = net.add(averagePooling2d({ poolSize: 1, strides: 2 }), x, `adjust_avg_pool_${i}_${id}`);
    return net.add(pointwise(Math.floor(filters / 2)), every2nd, `adjust_conv_${i}_${id}`);
  };
  return net.add(concatenate(), [path(active, 1), path(moved, 2)]);
}

function squeeze(input: CellInput, cell: 'normal' | 'reduction'): Feature {
  const { x, filters, id } = input;
  const active = x.net.add(activation('relu'), x);
  const conv = x.net.add(pointwise(filters), active, `${cell}_conv_1_${id}`);
  return norm(input, conv, `${cell}_bn_1_${id}`);
}

interface SeparableBlock {
  readonly kernel: number;
  readonly strides: 1 | 2;
  readonly id: string;
}

/** Twice ReLU, separable convolution and batch norm; the first convolution may halve. */
function separableBlock(input: CellInput, x: Feature, { kernel, strides, id }: SeparableBlock): Feature {
  const { net } = x;
  const options = { filters: input.filters, kernelSize: kernel, useBias: false } as const;
  let y = net.add(activation('relu'), x);
  if (strides === 2) y = net.add(zeroPadding2d(kerasSides(y, kernel)), y, `separable_conv_1_pad_${id}`);
  const padding = strides === 2 ? 'valid' : 'same';
  y = net.add(separableConv2d({ ...options, strides, padding }), y, `separable_conv_1_${id}`);
  y = net.add(activation('relu'), norm(input, y, `separable_conv_1_bn_${id}`));
  y = net.add(separableConv2d({ ...options, padding: 'same' }), y, `separable_conv_2_${id}`);
  return norm(input, y, `separable_conv_2_bn_${id}`);
}

function pointwise(filters: number) {
  const kernelInitializer = heNormal();
  return conv2d({ filters, kernelSize: 1, padding: 'same', useBias: false, kernelInitializer });
}

function norm({ epsilon }: CellInput, x: Feature, name: string): Feature {
  return x.net.add(batchNormalization({ epsilon, momentum: 0.9997 }), x, name);
}
