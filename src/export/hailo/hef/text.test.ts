import { describe, expect, it } from 'vitest';

import { type Content, encode, makeHef } from '../testing/make-hef.js';
import { SAMPLE } from '../testing/sample.js';
import { describeHef } from './describe.js';
import { formatHef } from './text.js';

const configuration = Uint8Array.from({ length: 300 }, (_, i) => i % 251);

function described(content: Content) {
  return describeHef(makeHef(2, encode('Hef', content), { configuration }));
}

describe('formatHef', () => {
  it('is a page that can be read', () => {
    expect(`\n${formatHef(described(SAMPLE))}\n`).toMatchInlineSnapshot(`
      "
      format       HEF version 2, 897 bytes
      sections     header 44, protobuf 553, configuration 300
      checksum     XXH3-64 9c8ca1636df156d8 of the content: verified
      compiler     Dataflow Compiler 3.31.0, 2023-11-14T22:13:20.000Z, format 5
      hardware     HAILO8P (runs on hailo8)
      features     KO_RUN_ASAP
      optional     HW_PADDING
      actions      2 enable_lcu, 1 none, 1 write_data_ccw_ptr
      class names  none; the format has no place for them
      not decoded  mapping, 20 bytes

      network group "net"
        networks      net
        output order  net/fc1
        estimate      512.3 frames/s, latency 0.5
        operations    1,234,567

        context  name           steps  edge layers
              0  net_context_0      2  2 BOUNDARY, 1 INTERMEDIATE

             stream            shape    type    order        bytes  on chip  scale        zero point  range
        in   net/input_layer1  64×96×3  UINT8   NHCW → NHWC  18432    49152  0.0078125    128         -1 … 0.9921875
        out  net/fc1           1×1×3    UINT16  NC               6        8  0.125 … 0.5  10 … 12     -5 … 122.5 (per feature)

        net/input_layer1: layer net/input_layer1
          from image

        net/fc1: layer net/fc1
          from scores
          from probabilities

      unknown fields: none (schema of HailoRT 5.2.0)
      "
    `);
  });

  it('shows what could steer a terminal as text', () => {
    const text = formatHef(described({ header: { sdk_version_str: 'a\u001b[31mb' } }));
    expect(text).toContain('a\\u{1b}[31mb');
    expect(text).not.toContain('\u001b');
  });
});
