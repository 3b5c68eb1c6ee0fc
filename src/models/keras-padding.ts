import type { Sides } from '../layers/config-reader.js';
import type { Feature } from './net-builder.js';

/**
 * The zeros that Keras's applications put around a picture before a `valid` convolution or pooling of stride 2:
 * half a kernel below and to the right, and one row or column less above and to the left where the side is even.
 */
export function kerasSides({ shape }: Feature, kernel: number): Sides {
  const half = kernel >> 1;
  const side = (size = 1) => [half - (1 - (size % 2)), half] as const;
  return [side(shape[0]), side(shape[1])];
}

/** Half a kernel of zeros on all four sides, as PyTorch's convolutions pad. */
export function symmetricSides(kernel: number): Sides {
  const half = kernel >> 1;
  return [
    [half, half],
    [half, half],
  ];
}
