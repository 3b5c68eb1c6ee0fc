/**
 * Numbers of the TensorFlow Lite schema, version 3 (tensorflow/lite/schema/schema.fbs): the field numbers of its
 * tables and the values of its enumerations, as far as Mien writes them.
 */

/** File identifier. */
export const TFLITE_IDENTIFIER = 'TFL3';
export const SCHEMA_VERSION = 3;

export const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  signatureDefs: 7,
} as const;

export const OPERATOR_CODE = { deprecatedBuiltinCode: 0, version: 2, builtinCode: 3 } as const;

export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;

export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, hasRank: 8 } as const;

export const QUANTIZATION = { scale: 2, zeroPoint: 3, quantizedDimension: 6 } as const;

export const OPERATOR = { opcodeIndex: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4 } as const;

export const BUFFER = { data: 0 } as const;

export const METADATA = { name: 0, buffer: 1 } as const;

export const SIGNATURE = { inputs: 0, outputs: 1, signatureKey: 2, subgraphIndex: 4 } as const;

export const TENSOR_MAP = { name: 0, tensorIndex: 1 } as const;

/** Element types. */
export const TENSOR_TYPES = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  bool: 6,
  int8: 9,
} as const;

/** Fused activations. */
export const ACTIVATIONS = { none: 0, relu: 1, relu6: 3 } as const;

/** Paddings. */
export const PADDINGS = { SAME: 0, VALID: 1 } as const;

/** Operators by name: their number, and the number of the table of their options. */
export const OPERATORS = {
  ADD: { code: 0, options: 11 },
  AVERAGE_POOL_2D: { code: 1, options: 5 },
  CONCATENATION: { code: 2, options: 10 },
  CONV_2D: { code: 3, options: 1 },
  DEPTHWISE_CONV_2D: { code: 4, options: 2 },
  DEQUANTIZE: { code: 6, options: 38 },
  FULLY_CONNECTED: { code: 9, options: 8 },
  LOGISTIC: { code: 14, options: 0 },
  MAX_POOL_2D: { code: 17, options: 5 },
  MUL: { code: 18, options: 21 },
  RELU: { code: 19, options: 0 },
  RELU6: { code: 21, options: 0 },
  RESHAPE: { code: 22, options: 17 },
  RESIZE_BILINEAR: { code: 23, options: 15 },
  SOFTMAX: { code: 25, options: 9 },
  TANH: { code: 28, options: 0 },
  PAD: { code: 34, options: 22 },
  TRANSPOSE: { code: 39, options: 26 },
  MEAN: { code: 40, options: 27 },
  SUB: { code: 41, options: 28 },
  DIV: { code: 42, options: 29 },
  STRIDED_SLICE: { code: 45, options: 32 },
  MINIMUM: { code: 57, options: 39 },
  REDUCE_MAX: { code: 82, options: 27 },
  LEAKY_RELU: { code: 98, options: 75 },
  QUANTIZE: { code: 114, options: 89 },
  HARD_SWISH: { code: 117, options: 91 },
} as const;

/** Name of an operator that Mien writes. */
export type OperatorName = keyof typeof OPERATORS;

/** Field numbers of the operators' options. */
export const OPTIONS = {
  conv: {
    padding: 0,
    strideWidth: 1,
    strideHeight: 2,
    activation: 3,
    dilationWidth: 4,
    dilationHeight: 5,
  },
  depthwise: {
    padding: 0,
    strideWidth: 1,
    strideHeight: 2,
    multiplier: 3,
    activation: 4,
    dilationWidth: 5,
    dilationHeight: 6,
  },
  pool: { padding: 0, strideWidth: 1, strideHeight: 2, width: 3, height: 4, activation: 5 },
  dense: { activation: 0, weightsFormat: 1, keepDimensions: 2 },
  arithmetic: { activation: 0 },
  softmax: { beta: 0 },
  concatenation: { axis: 0, activation: 1 },
  reshape: { newShape: 0 },
  reduce: { keepDimensions: 0 },
  stridedSlice: { beginMask: 0, endMask: 1 },
  leakyRelu: { alpha: 0 },
  resize: { alignCorners: 2, halfPixelCenters: 3 },
} as const;
