import { InputError } from '../../../core/errors.js';

/**
 * ONNX operators that Hailo's parser takes, as far as public sources say: the table of supported layers in its user
 * guide, and the nets of hailo-ai/hailo_model_zoo. Only those that Mien's exporter may write are listed. No compiler
 * has confirmed the list here.
 */
const ONNX_OPERATORS = new Set([
  ...['Conv', 'Gemm', 'MatMul', 'Flatten', 'Reshape', 'Concat', 'Pad', 'Slice'],
  ...['Add', 'Sub', 'Mul', 'Div', 'MaxPool', 'AveragePool', 'GlobalAveragePool'],
  ...['Relu', 'Clip', 'HardSwish', 'HardSigmoid', 'Sigmoid', 'Tanh', 'Softmax', 'Max', 'Min'],
]);

/** The same for TensorFlow Lite, by its operators' names. */
const TFLITE_OPERATORS = new Set([
  ...['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED', 'RESHAPE', 'CONCATENATION', 'PAD', 'STRIDED_SLICE'],
  ...['ADD', 'SUB', 'MUL', 'DIV', 'MAX_POOL_2D', 'AVERAGE_POOL_2D', 'MEAN', 'REDUCE_MAX', 'MINIMUM'],
  ...['RELU', 'RELU6', 'LEAKY_RELU', 'HARD_SWISH', 'LOGISTIC', 'TANH', 'SOFTMAX'],
]);

/** An operator call: its kind and what the model calls it. */
export interface NamedOperator {
  readonly kind: string;
  readonly name: string;
}

/** What a bundle's models are made of. */
export interface BundleOperators {
  readonly model: string;
  readonly onnx: readonly NamedOperator[];
  readonly tflite: readonly NamedOperator[];
}

/**
 * Throws unless every operator is among those that Hailo's parser is known to take.
 * @throws InputError naming the first that is not
 */
export function checkOperators({ model, onnx, tflite }: BundleOperators): void {
  const unknown =
    onnx.find(({ kind }) => !ONNX_OPERATORS.has(kind)) ??
    tflite.find(({ kind }) => !TFLITE_OPERATORS.has(kind));
  if (unknown === undefined) return;
  throw new InputError({
    where: `model "${model}"`,
    received: `the operator ${unknown.kind} ("${unknown.name}")`,
    expected: "operators that Hailo's compiler takes",
    remedy: 'choose a net without it, e.g. mobileNetV3Small',
  });
}
