import { defineExtremum } from './extremum.js';

/** Element-wise minimum of all operands, with broadcasting (ONNX `Min`). */
export const min = defineExtremum('Min', Math.min);
