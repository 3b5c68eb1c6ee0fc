import { activate, type ActivationName } from './activations.js';
import { defineLayer, misfit, onlyOf, type LayerDraft } from './define.js';
import {
  kernelConfig,
  readKernel,
  trainableWeight,
  writeKernel,
  type KernelConfig,
  type KernelOptions,
} from './kernels.js';

/** Options of {@link dense}. */
export interface DenseOptions extends KernelOptions {
  /** Output features. */
  readonly units: number;
  readonly activation?: ActivationName;
}

interface DenseConfig extends KernelConfig {
  readonly units: number;
  readonly activation: ActivationName;
}

/** Keras `Dense`: [F] → [units] by `x · kernel + bias`; kernel [F, units]. */
export const Dense = defineLayer<DenseConfig>({
  className: 'Dense',
  read: (reader) => {
    reader.must('lora_rank', null);
    const units = reader.integer('units');
    return { units, activation: reader.activation(), ...readKernel(reader) };
  },
  write: ({ units, activation, ...kernel }) => ({ units, activation, ...writeKernel(kernel) }),
  weights: ({ units, kernel, bias, useBias }, inputs) => {
    const weights = [trainableWeight('kernel', [inputs[0]?.[0] ?? 1, units], kernel)];
    return useBias ? [...weights, trainableWeight('bias', [units], bias)] : weights;
  },
  outputShape: ({ units }, inputs, where) => {
    if (onlyOf(where, inputs).length !== 1) throw misfit(where, inputs, 'a vector [F]');
    return [units];
  },
  call: ({ useBias, activation }, { o, x, weight }) => {
    const product = o.matMul(x, weight('kernel'));
    return activate(o, activation, useBias ? o.add(product, weight('bias')) : product);
  },
});

/** A fully connected layer. @example dense({ units: 512, useBias: false, kernelL2: 3e-5 }) */
export function dense(options: DenseOptions): LayerDraft {
  const { units, activation = 'linear' } = options;
  return Dense.draft({ units, activation, ...kernelConfig(options) });
}
