import { bestOf } from '../../../core/rows.js';

/** How one set of logits compares with the float model's on the check images; rates in [0, 1]. */
export interface CheckedLogits {
  readonly accuracy: number;
  /** Share of images on which both give the same class. */
  readonly agreement: number;
  readonly largestDifference: number;
  readonly meanDifference: number;
}

/** Outcome of a check: the float model, the compiler's float emulation of it, and its quantized one. */
export interface CheckOutcome {
  readonly images: number;
  readonly float: { readonly accuracy: number };
  /** Shows whether the translation and the normalization are right. */
  readonly emulated: CheckedLogits;
  /** Shows what the quantization costs. */
  readonly quantized: CheckedLogits;
}

/** Logits of many images, row-major [images, classes]. */
export interface LogitsToCheck {
  readonly labels: readonly number[];
  readonly classes: number;
  readonly float: Float32Array;
  readonly emulated: Float32Array;
  readonly quantized: Float32Array;
}

/** Compares the compiler's answers with the float model's and with the truth. */
export function checkLogits({ labels, classes, float, emulated, quantized }: LogitsToCheck): CheckOutcome {
  const compared = (logits: Float32Array): CheckedLogits => {
    const differences = Array.from(logits, (value, i) => Math.abs(value - (float[i] ?? 0)));
    const agreeing = labels.filter((_, i) => bestOf(logits, i, classes) === bestOf(float, i, classes)).length;
    return {
      ...{ accuracy: accuracyOf(logits, labels, classes), agreement: agreeing / labels.length },
      largestDifference: differences.reduce((most, value) => Math.max(most, value), 0),
      meanDifference: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    };
  };
  return {
    images: labels.length,
    float: { accuracy: accuracyOf(float, labels, classes) },
    emulated: compared(emulated),
    quantized: compared(quantized),
  };
}

function accuracyOf(logits: Float32Array, labels: readonly number[], classes: number): number {
  return labels.filter((label, i) => bestOf(logits, i, classes) === label).length / labels.length;
}
