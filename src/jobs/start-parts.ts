import type { Preprocessing } from '../core/preprocessing.js';
import type { Model, Weights } from '../models/model.js';
import type { Recipe } from '../train/recipe.js';
import type { TrainSettings } from './settings.js';

/** Name of the first layer of the heads that `withHead` adds. */
export const HEAD_START = 'head_pool';

/** FER2013's pictures; training pictures are kept at this side, in pixels, and enlarged inside the graph. */
const FER2013_SIDE = 48;

/** What a training starts from. */
export interface StartingModel {
  /** With everything that the model decides: input size, source size, colour. */
  readonly settings: TrainSettings;
  readonly model: Model & { readonly preprocessing: Preprocessing };
  /** Name of the head's first layer; what stands before it is the backbone. */
  readonly headStart: string;
}

/** How training pictures are kept: side in pixels, and colour. */
export function pictureForm({ inputSize, sourceSize, colour = 'grey' }: Recipe): {
  readonly side: number;
  readonly colour: Preprocessing['colour'];
} {
  return { side: sourceSize ?? Math.min(FER2013_SIDE, inputSize), colour };
}

/** Takes over every weight that exists under the same name with the same size. */
export function adopt(weights: Weights, given: ReadonlyMap<string, Float32Array>): void {
  for (const [key, values] of given) if (weights.get(key)?.length === values.length) weights.set(key, values);
}
