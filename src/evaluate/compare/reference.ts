import { defaultClasses } from '../../data/images.js';

/** Where {@link REFERENCE_ACCURACY} comes from. */
export const REFERENCE_SOURCE =
  'the Keras project that Mien re-implements, on both halves of the FER2013 test set';

/** Test accuracy that the reference reports for its own models, by Mien's name of the net. */
export const REFERENCE_ACCURACY: Readonly<Record<string, number>> = {
  mobileNetV3Small: 0.7492,
  densenet121: 0.6878,
  nasnetMobile: 0.6601,
};

/** What a figure must have in common with the reference's to stand beside it. */
export interface Comparable {
  readonly net: string;
  readonly classes: readonly string[];
  /** Whether the pictures are drawn faces. */
  readonly drawn: boolean;
}

/** The reference's accuracy of a net; null unless photographs of the same five classes were recognized. */
export function referenceAccuracy({ net, classes, drawn }: Comparable): number | null {
  const same =
    classes.length === defaultClasses.length && defaultClasses.every((name) => classes.includes(name));
  return same && !drawn ? (REFERENCE_ACCURACY[net] ?? null) : null;
}
