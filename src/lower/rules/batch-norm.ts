import type { Value } from '../../onnx/graph.js';
import { Blocked, rowLength, type MapSize } from '../blocked.js';
import type { Lowering, SourceNode } from '../lowering.js';
import { inputName, outputName, type LoweringRule } from './rule.js';

/**
 * Batch normalization by batch statistics: centred rows are computed once and kept for the backward
 * pass; the scale and shift stay pending, so that an activation or a residual sum can absorb them.
 */
export const lowerBatchNormTraining: LoweringRule = (lowering, source) => {
  if (source.inputShape(0).length !== 4) return false;
  const { o, rows } = lowering;
  const x = lowering.blocked(inputName(source, 0));
  const { size } = x;
  const content = lowering.content(x);
  const mean = rows.rowMean(content);
  const centred = rows.affine(size, { base: content, shift: o.neg(mean) });
  const variance = o.mul(rows.rowDot(size, centred, centred), 1 / rowLength(size));
  const inverse = o.reciprocal(o.sqrt(o.add(variance, Number(source.attributes['epsilon']))));
  const vector = (i: number) => o.reshape(lowering.plain(inputName(source, i)), [size.c, 1]);
  const scale = o.mul(vector(1), inverse);
  const affine = { base: centred, scale, shift: vector(2) };
  lowering.define(outputName(source), new Blocked(size, undefined, { kind: 'affine', affine }));
  lowering.define(outputName(source, 1), o.reshape(mean, [size.c]));
  lowering.define(outputName(source, 2), o.reshape(variance, [size.c]));
  save(lowering, outputName(source, 1), { centred, inverse, scale });
  return true;
};

interface Saved {
  readonly centred: Value;
  readonly inverse: Value;
  readonly scale: Value;
}

function save(lowering: Lowering, mean: string, saved: Saved): void {
  for (const [what, value] of Object.entries(saved)) lowering.saved.set(`${what} of ${mean}`, value as Value);
}

/**
 * dbias = Σdy, dscale = Σdy·x̂ and dx = scale/√(var+ε) · (dy − dbias/M − x̂·dscale/M); the outer row scale
 * of dx stays pending: the convolution before it folds it into its weights.
 */
export const lowerBatchNormTrainingGrad: LoweringRule = (lowering, source) => {
  const saved = (what: string) => lowering.saved.get(`${what} of ${inputName(source, 3)}`);
  const [centred, inverse, scale] = [saved('centred'), saved('inverse'), saved('scale')];
  if (centred === undefined || inverse === undefined || scale === undefined) return false;
  const { o, rows } = lowering;
  const x = lowering.blocked(inputName(source, 1));
  const { size } = x;
  const dy = lowering.content(lowering.blocked(inputName(source, 0), size.lanes));
  const dbias = rows.rowSum(dy);
  const dscale = o.mul(rows.rowDot(size, dy, centred), inverse);
  const perElement = -1 / rowLength(size);
  const inner = rows.affine(size, {
    base: centred,
    scale: o.mul(o.mul(inverse, dscale), perElement),
    shift: o.mul(dbias, perElement),
    addend: dy,
  });
  defineGradients(lowering, source, size, { inner, scale, dscale, dbias });
  return true;
};

function defineGradients(
  lowering: Lowering,
  source: SourceNode,
  size: MapSize,
  { inner, scale, dscale, dbias }: Record<'inner' | 'scale' | 'dscale' | 'dbias', Value>,
): void {
  const { o } = lowering;
  const pending = { kind: 'affine', affine: { base: inner, scale } } as const;
  lowering.define(outputName(source), new Blocked(size, undefined, pending));
  lowering.define(outputName(source, 1), o.reshape(dscale, [size.c]));
  lowering.define(outputName(source, 2), o.reshape(dbias, [size.c]));
}
