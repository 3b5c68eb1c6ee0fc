import type { Shape } from '../core/tensor.js';
import type { ConfigReader } from './config-reader.js';
import { glorotUniform, writeInitializer, zeros } from './initializers.js';
import type { Json, JsonObject } from './json.js';
import type { Initializer, WeightSpec } from './layer.js';

/** HWIO → OIHW. */
export const CONV_ORDER = [3, 2, 0, 1] as const;
/** [H, W, C, multiplier] → [C, multiplier, H, W]. */
export const DEPTHWISE_ORDER = [2, 3, 0, 1] as const;

/** First values and penalty of one weight. */
export interface WeightRule {
  readonly initializer: Initializer;
  /** λ of λ·Σw², 0 for none. */
  readonly l2: number;
}

/** Options of a kernel and a bias. */
export interface KernelOptions {
  readonly useBias?: boolean;
  readonly kernelInitializer?: Initializer;
  readonly biasInitializer?: Initializer;
  /** λ of the kernel's penalty λ·Σw². */
  readonly kernelL2?: number;
}

/** Kernel and bias of a layer. */
export interface KernelConfig {
  readonly useBias: boolean;
  readonly kernel: WeightRule;
  readonly bias: WeightRule;
}

/** {@link KernelOptions} with Keras's defaults. */
export function kernelConfig(options: KernelOptions): KernelConfig {
  const { useBias = true, kernelInitializer, biasInitializer, kernelL2 = 0 } = options;
  return {
    useBias,
    kernel: { initializer: kernelInitializer ?? glorotUniform(), l2: kernelL2 },
    bias: { initializer: biasInitializer ?? zeros(), l2: 0 },
  };
}

/** Reads `<kernel>_initializer`, `<kernel>_regularizer` and those of the bias. */
export function readKernel(reader: ConfigReader, kernel = 'kernel'): KernelConfig {
  reader.must('activity_regularizer', null);
  reader.must('bias_constraint', null);
  reader.must('quantization_config', null);
  return {
    useBias: reader.boolean('use_bias', true),
    kernel: readRule(reader, kernel, glorotUniform),
    bias: readRule(reader, 'bias', zeros),
  };
}

/** Reads the fields of one weight. */
export function readRule(reader: ConfigReader, name: string, fallback: () => Initializer): WeightRule {
  reader.must(`${name}_constraint`, null);
  return {
    initializer: reader.initializer(`${name}_initializer`, fallback),
    l2: reader.l2(`${name}_regularizer`),
  };
}

/** Keras's fields of one weight. */
export function writeRule(name: string, rule: WeightRule): JsonObject {
  return {
    [`${name}_initializer`]: writeInitializer(rule.initializer),
    [`${name}_regularizer`]: writeL2(rule.l2),
    [`${name}_constraint`]: null,
  };
}

/** Keras's fields of a kernel and its bias. */
export function writeKernel(config: KernelConfig, kernel = 'kernel'): JsonObject {
  return {
    use_bias: config.useBias,
    ...writeRule(kernel, config.kernel),
    ...writeRule('bias', config.bias),
  };
}

/** A trainable weight. */
export function trainableWeight(
  name: string,
  shape: Shape,
  rule: WeightRule,
  engineOrder?: readonly number[],
): WeightSpec {
  return {
    name,
    shape,
    initializer: rule.initializer,
    trainable: true,
    ...(rule.l2 > 0 ? { l2: rule.l2 } : {}),
    ...(engineOrder === undefined ? {} : { engineOrder }),
  };
}

function writeL2(l2: number): Json {
  if (l2 === 0) return null;
  return { module: 'keras.regularizers', class_name: 'L2', config: { l2 }, registered_name: null };
}
