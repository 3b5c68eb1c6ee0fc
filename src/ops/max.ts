import { defineExtremum } from './extremum.js';

/** Element-wise maximum of all operands, with broadcasting (ONNX `Max`). */
export const max = defineExtremum('Max', Math.max);
