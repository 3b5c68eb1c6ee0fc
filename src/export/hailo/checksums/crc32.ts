import { hex, type Checksum } from './checksum.js';

/** CRC-32 of ISO 3309 (the one of zip and PNG). */
export function crc32(): Checksum {
  let crc = 0xffffffff;
  return {
    update(bytes) {
      for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    },
    digest: () => hex((crc ^ 0xffffffff) >>> 0, 8),
  };
}

/** Remainders of all bytes by the bit-reversed polynomial. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
