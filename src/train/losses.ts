import { float32 } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';

/** Losses over class probabilities. Every one takes soft labels. */
export type LossConfig = LossSource &
  (
    | { readonly name: 'categoricalCrossentropy'; readonly labelSmoothing?: number }
    | {
        readonly name: 'focal';
        /** Focusing exponent γ ≥ 0; 0 is plain cross-entropy. */
        readonly gamma: number;
        /** Weight per class α; all 1 when left out. */
        readonly alpha?: readonly number[];
        readonly labelSmoothing?: number;
      }
  );

/** What a model's output is. */
export interface LossSource {
  /** `logits` (the default) before softmax, or `probabilities` behind it, then clipped to [1e-7, 1]. */
  readonly from?: 'logits' | 'probabilities';
}

/** Operands of {@link emitLoss}. */
export interface LossInputs {
  /** `[N, K]`, logits or probabilities as the configuration says. */
  readonly logits: Value;
  /** `[N, K]`, rows sum to 1. */
  readonly labels: Value;
  /** `[N]` weight of each sample. */
  readonly sampleWeight: Value;
}

/**
 * Adds the mean loss of a batch, a scalar: `Σ weight·loss / N`, as Keras's `sum_over_batch_size`.
 *
 * Cross-entropy: `−Σ_k y_k·log softmax(z)_k`. Focal (Lin et al. 2017, arXiv:1708.02002, for soft labels):
 * `α_t·(1 − p_t)^γ·CE` with `p_t = Σ_k y_k·p_k` in [1e-7, 1] and `α_t = Σ_k y_k·α_k`.
 */
export function emitLoss(
  o: Emitter,
  { logits, labels, sampleWeight }: LossInputs,
  config: LossConfig,
): Value {
  return o.builder.within('loss', () => {
    const [n = 1, k = 1] = logits.shape;
    const y = smoothed(o, labels, k, config.labelSmoothing ?? 0);
    const logP = logProbabilities(o, logits, config);
    const crossEntropy = o.neg(o.reduceSum(o.mul(y, logP), [1], false));
    const perSample = config.name === 'focal' ? focal(o, y, logP, crossEntropy, config) : crossEntropy;
    return o.mul(o.reduceSum(o.mul(perSample, sampleWeight), [0], false), 1 / n);
  });
}

function logProbabilities(o: Emitter, output: Value, { from = 'logits' }: LossSource): Value {
  if (from === 'logits') return o.op('LogSoftmax', [output], { axis: 1 });
  return o.log(o.op('Clip', [output, o.scalar(1e-7), o.scalar(1)]));
}

function smoothed(o: Emitter, labels: Value, classes: number, amount: number): Value {
  return amount === 0 ? labels : o.add(o.mul(labels, 1 - amount), amount / classes);
}

type Focal = Extract<LossConfig, { name: 'focal' }>;

function focal(o: Emitter, y: Value, logP: Value, crossEntropy: Value, { gamma, alpha }: Focal): Value {
  const pt = o.reduceSum(o.mul(y, o.exp(logP)), [1], false);
  // The distance from certainty is kept above 1e-7: for γ < 1 its power has no finite slope at 0.
  const doubt = o.op('Clip', [o.sub(1, pt), o.scalar(1e-7), o.scalar(1)]);
  const focused = gamma === 0 ? crossEntropy : o.mul(o.op('Pow', [doubt, o.scalar(gamma)]), crossEntropy);
  if (alpha === undefined) return focused;
  const weights = o.builder.constant(float32([...alpha], [1, alpha.length]));
  return o.mul(o.reduceSum(o.mul(y, weights), [1], false), focused);
}
