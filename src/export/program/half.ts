import { InputError } from '../../core/errors.js';
import { encodeFloat16 } from '../../models/weights/float16.js';

/** Largest number in half precision. */
const LARGEST = 65504;

/**
 * Numbers in half precision (16-bit patterns).
 * @param where whose numbers they are, for messages
 * @throws InputError when one does not fit
 */
export function toHalf(where: string, values: Float32Array): Uint16Array<ArrayBuffer> {
  const patterns = encodeFloat16(values);
  const place = patterns.findIndex((pattern) => (pattern & 0x7c00) === 0x7c00);
  if (place === -1) return patterns;
  throw new InputError({
    where,
    received: `the weight ${values[place] ?? NaN}`,
    expected: `numbers between −${LARGEST} and ${LARGEST} for float16`,
    remedy: 'export it in float32',
  });
}
