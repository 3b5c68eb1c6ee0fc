import { InputError } from '../core/errors.js';

/** [height, width, channels] in pixels. */
export type ImageShape = readonly [number, number, number];

/** How a net pads before strides of 2: as Keras does, or the same on all sides (PyTorch). */
export type PaddingRule = 'keras' | 'symmetric';

/** The part of a weight record that shapes the net. */
export interface NetStyle {
  readonly padding: PaddingRule;
  /** Of the batch normalizations. */
  readonly epsilon: number;
}

/** Options that every net takes. */
export interface NetOptions {
  readonly inputShape: ImageShape;
  /** Put Keras's own rescaling of pixels 0..255 into the net; by default the preprocessing record does it outside. */
  readonly includePreprocessing?: boolean;
  /** Width: channels of every layer times this, as in Keras; 1 by default. MobileNets only. */
  readonly alpha?: number;
  /** The weight record whose padding and epsilon the net takes over; Keras's by default. */
  readonly weights?: NetStyle;
  /** Keep the application's own classifier, ending in a softmax. */
  readonly includeTop?: { readonly classes: number };
}

/** Throws unless the shape is one of pictures at least `smallest` pixels wide and high. */
export function checkImageShape(where: string, shape: ImageShape, smallest: number): void {
  const [height, width, channels] = shape;
  const fits = shape.every(Number.isInteger) && Math.min(height, width) >= smallest && channels >= 1;
  if (fits) return;
  const received = `input shape [${shape.join(', ')}]`;
  throw new InputError({
    where,
    received,
    expected: `[height, width, channels] of at least ${smallest} pixels`,
  });
}

/** Throws when a net whose Keras application has no preprocessing of its own is asked for it. */
export function withoutPreprocessing(where: string, { includePreprocessing }: NetOptions): void {
  if (includePreprocessing !== true) return;
  throw new InputError({
    where,
    received: 'includePreprocessing',
    expected: 'pictures already normalized: only the MobileNetV3 family of Keras has a rescaling inside',
  });
}
