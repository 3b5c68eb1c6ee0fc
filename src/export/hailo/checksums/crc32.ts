import { crc32 as crc32Of } from '../../../core/crc32.js';
import { hex, type Checksum } from './checksum.js';

/** CRC-32 of ISO 3309 (the one of zip and PNG). */
export function crc32(): Checksum {
  let crc = 0;
  return {
    update(bytes) {
      crc = crc32Of(bytes, crc);
    },
    digest: () => hex(crc, 8),
  };
}
