import { describe, expect, it } from 'vitest';

import { decodeSafeTensors, encodeSafeTensors } from './safetensors.js';
import { float32, type Tensor } from './tensor.js';

const tensors = new Map<string, Tensor>([
  ['odd', { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ['matrix', float32([1, -2.5, 3, 4e-20, 5, 6], [2, 3])],
  ['half', { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3c00) }],
  ['long', { dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) }],
]);

describe('safetensors', () => {
  const bytes = encodeSafeTensors({ tensors, metadata: { version: '1' } });

  it('reads back what it wrote, whatever the alignment', () => {
    const read = decodeSafeTensors(bytes, 'x');
    expect(read.metadata).toEqual({ version: '1' });
    for (const [name, tensor] of tensors) expect(read.tensors.get(name)).toEqual(tensor);
  });

  it('starts the data at a multiple of 8 bytes', () => {
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + header) % 8).toBe(0);
  });

  it.each([
    [
      'nothing',
      bytes.slice(0, 4),
      'x: received 4 bytes without a whole header, expected a whole safetensors file.',
    ],
    [
      'half a header',
      bytes.slice(0, 40),
      'x: received 40 bytes without a whole header, expected a whole safetensors file.',
    ],
    [
      'half the data',
      bytes.slice(0, bytes.length - 9),
      'x: tensor "half": received data that is cut off, expected a whole safetensors file.',
    ],
  ])('refuses %s', (_, broken, message) => {
    expect(() => decodeSafeTensors(broken, 'x')).toThrow(message);
  });

  it('refuses a header that is not JSON', () => {
    const broken = bytes.slice();
    broken[8] = 0x21;
    expect(() => decodeSafeTensors(broken, 'x')).toThrow('a header that is not JSON');
  });
});
