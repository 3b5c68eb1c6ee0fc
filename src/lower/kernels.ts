/**
 * Which kernels the lowered graph may use; all give the same numbers within float32 rounding.
 *
 * - `fast`: ONNX Runtime's internal blocked convolution (`com.microsoft.nchwc`), x64 and arm64 CPU builds only
 * - `portable`: standard operators and `com.microsoft.FusedMatMul`, which every ONNX Runtime build has
 * - `pure`: standard ONNX operators only
 */
export type KernelSet =
  | { readonly kind: 'fast'; /** Channels per block of this CPU, probed once. */ readonly block: number }
  | { readonly kind: 'portable' | 'pure' };

/** Maps of at most this many pixels run as batched matrix products where the blocked kernel is missing. */
export const SMALL_MAP = 256;

/**
 * Batch lanes (innermost axis) for feature maps of a size: the CPU's block for the blocked kernel,
 * where it divides the batch; else the whole batch for small maps, where a depthwise convolution becomes a
 * matrix product; else 1.
 */
export function lanesFor(kernels: KernelSet, batch: number, height: number, width: number): number {
  if (kernels.kind === 'fast' && batch % kernels.block === 0) return kernels.block;
  return height * width <= SMALL_MAP ? batch : 1;
}

/** The fast set if this CPU has the blocked kernel and the batch fills its lanes, else the portable one. */
export function kernelsFor(block: number | undefined, batch: number): KernelSet {
  return block !== undefined && batch % block === 0 ? { kind: 'fast', block } : { kind: 'portable' };
}
