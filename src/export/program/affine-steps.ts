import { emit, type LayerContext } from './layer-context.js';
import type { AffineOperation } from './program.js';

/** `x · scale + shift` with the same numbers for all channels, or one per channel. */
export function affineOf(
  scale: number | readonly number[],
  shift: number | readonly number[],
): AffineOperation {
  const vector = (value: number | readonly number[]) =>
    typeof value === 'number' ? Float64Array.of(value) : Float64Array.from(value);
  return { kind: 'affine', scale: vector(scale), shift: vector(shift) };
}

/** Keras `BatchNormalization` on its moving statistics: `(x − mean) · gamma / √(variance + ε) + beta`. */
export function normSteps(context: LayerContext): string {
  const { reader, weight } = context;
  const epsilon = reader.number('epsilon', 1e-3);
  const [mean, variance] = [weight('moving_mean'), weight('moving_variance')];
  const gamma = reader.boolean('scale', true) ? weight('gamma') : undefined;
  const beta = reader.boolean('center', true) ? weight('beta') : undefined;
  const scale = Array.from(variance, (value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
  const shift = scale.map((factor, i) => (beta?.[i] ?? 0) - (mean[i] ?? 0) * factor);
  return emit(context, affineOf(scale, shift));
}

/** Keras `Rescaling`. */
export function rescalingStep(context: LayerContext): string {
  const { reader } = context;
  return emit(context, affineOf(reader.numbers('scale', 1), reader.numbers('offset', 0)));
}

/** Arithmetic of a value and a number; undefined where a layer has two inputs. */
export function operandSteps(context: LayerContext): string | undefined {
  const { className, operand } = context.layer;
  if (operand === undefined) return undefined;
  const { value, side } = operand;
  const left = side === 'left';
  if (className === 'Add') return emit(context, affineOf(1, value));
  if (className === 'Multiply') return emit(context, affineOf(value, 0));
  if (className === 'Subtract') return emit(context, left ? affineOf(-1, value) : affineOf(1, -value));
  return emit(context, left ? { kind: 'reciprocal', parameter: value } : affineOf(1 / value, 0));
}
