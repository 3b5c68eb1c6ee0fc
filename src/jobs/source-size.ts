import type { TrainSettings } from './settings.js';

/** FER2013's pictures; training pictures are kept at this side, in pixels, and enlarged inside the graph. */
const FER2013_SIDE = 48;

/** Side in pixels at which training pictures are kept: FER2013's, unless the network's input is smaller. */
export function sourceSizeOf({ recipe }: TrainSettings): number {
  return Math.min(FER2013_SIDE, recipe.inputSize);
}
