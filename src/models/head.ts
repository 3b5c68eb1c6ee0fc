import { batchNormalization } from '../layers/batch-normalization.js';
import { dense } from '../layers/dense.js';
import { dropout } from '../layers/dropout.js';
import { relu } from '../layers/activation.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import type { LayerGraph } from './layer-graph.js';
import { NetBuilder, type Feature } from './net-builder.js';

/** Options of the heads. */
export interface HeadOptions {
  /** Number of classes. */
  readonly classes: number;
  /**
   * `reference`: three dense layers of 512, 256 and 128 units with batch norm between;
   * `light`: pooling, dropout and one dense layer.
   */
  readonly kind?: 'reference' | 'light';
  /** Dropout of the light head. */
  readonly dropout?: number;
  /** λ of the penalty λ·Σw² on the kernels of the hidden dense layers. */
  readonly l2?: number;
}

/** Hidden layers of the reference head, each behind a dropout. */
const HIDDEN = [
  { drop: 0.5, units: 512 },
  { drop: 0.4, units: 256 },
  { drop: 0.3, units: 128 },
] as const;

/**
 * The expression classifier on top of a backbone: features [H, W, C] → logits [classes].
 *
 * Reference: GAP, BN, then three times (Dropout, Dense without bias, BN, ReLU), Dropout .2, Dense.
 *
 * @example const logits = expressionHead(features, { classes: 5 });
 */
export function expressionHead(features: Feature, options: HeadOptions): Feature {
  const { net } = features;
  const pooled = net.add(globalAveragePooling2d(), features, 'head_pool');
  return options.kind === 'light' ? lightHead(pooled, options) : referenceHead(pooled, options);
}

/** A backbone with its head as one graph; the only output is `logits`. */
export function withHead(backbone: LayerGraph, options: HeadOptions): LayerGraph {
  const { net, features } = NetBuilder.extend(backbone);
  return net.build(
    backbone.name,
    features.map((feature) => expressionHead(feature, options)),
  );
}

function referenceHead(pooled: Feature, { classes, l2 = 3e-5 }: HeadOptions): Feature {
  const { net } = pooled;
  let x = net.add(batchNormalization(), pooled, 'head_bn');
  for (const [i, { drop, units }] of HIDDEN.entries()) {
    const name = (part: string) => `head_${part}_${i + 1}`;
    x = net.add(dropout(drop), x, name('dropout'));
    x = net.add(dense({ units, useBias: false, kernelL2: l2 }), x, name('dense'));
    x = net.add(batchNormalization(), x, name('bn'));
    x = net.add(relu(), x, name('relu'));
  }
  x = net.add(dropout(0.2), x, `head_dropout_${HIDDEN.length + 1}`);
  return net.add(dense({ units: classes }), x, 'logits');
}

function lightHead(pooled: Feature, { classes, dropout: rate = 0.2 }: HeadOptions): Feature {
  const { net } = pooled;
  return net.add(dense({ units: classes }), net.add(dropout(rate), pooled, 'head_dropout'), 'logits');
}
