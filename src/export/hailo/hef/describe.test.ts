import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';

import { type Content, encode, join, makeHef, xxh3Of } from '../testing/make-hef.js';
import { CORE, EDGES, HEADER, SAMPLE } from '../testing/sample.js';
import { describeHef } from './describe.js';

const protobuf = encode('Hef', SAMPLE);
const configuration = Uint8Array.from({ length: 300 }, (_, i) => i % 251);

function described(content: Content, version: 0 | 1 | 2 | 3 = 2) {
  return describeHef(makeHef(version, encode('Hef', content), { configuration }), 'made.hef');
}

/** The sample with other edge layers. */
function withEdges(edges: readonly Content[], more: Content = {}): Content {
  const context = { context_index: 0, metadata: { edge_layers: edges } };
  return { ...HEADER, network_groups: [{ ...CORE, contexts: [context], ...more }] };
}

describe('describeHef', () => {
  it.each([
    [0, 32, 'MD5', {}],
    [1, 28, 'CRC-32', { configuration }],
    [2, 44, 'XXH3-64', { configuration }],
    [3, 56, 'XXH3-64', { configuration, padding: 100, additional: Uint8Array.of(1, 2, 3) }],
  ] as const)('reads version %i', (version, headerBytes, algorithm, parts) => {
    const hef = describeHef(makeHef(version, protobuf, parts));
    expect(hef.header).toEqual({
      ...{ version, headerBytes, protobufBytes: protobuf.length },
      paddingBytes: version === 3 ? 100 : 0,
      configurationBytes: version === 0 ? 0 : 300,
      additionalBytes: version === 3 ? 3 : 0,
    });
    expect(hef.checksums).toMatchObject([{ algorithm, covers: 'content', matches: true }]);
    expect(hef.networkGroups[0]?.name).toBe('net');
    expect(hef.unknownFields).toEqual([]);
  });

  it('tells compiler, hardware, features and what the chip does', () => {
    expect(described(SAMPLE)).toMatchObject({
      format: 'hef',
      compiler: { version: '3.31.0', compiledAt: '2023-11-14T22:13:20.000Z', formatVersion: 5 },
      hardware: { name: 'HAILO8P', number: 1, runsOn: ['hailo8'] },
      features: [
        { number: 12, name: 'KO_RUN_ASAP', text: 'KO Run ASAP', optional: false },
        { number: 11, name: 'HW_PADDING', text: 'HW Padding', optional: true },
      ],
      actions: { enable_lcu: 2, write_data_ccw_ptr: 1, none: 1 },
      mappingBytes: 20,
      hasClassNames: false,
      trailingBytes: 0,
    });
  });

  it('puts the compiler version together where it comes in numbers, and leaves out what is not stated', () => {
    const numbers = { sdk_version: { sdk_version_major: 5, sdk_version_minor: 1, sdk_version_revision: 0 } };
    expect(described({ header: { hw_arch: 77, ...numbers } })).toMatchObject({
      compiler: { version: '5.1.0', compiledAt: null, formatVersion: 0 },
      hardware: { name: 'unknown (77)', runsOn: [] },
    });
    expect(described({}).compiler.version).toBe('');
  });

  it('describes the network group and its context', () => {
    const [group] = described(SAMPLE).networkGroups;
    expect(group).toMatchObject({
      ...{ name: 'net', index: 0, networks: ['net'], outputOrder: ['net/fc1'] },
      ...{ estimatedFps: 512.25, estimatedLatency: 0.5, operations: 1234567, configurationChannels: 2 },
      layouts: [{ clusters: null, contexts: [{ index: 0, name: 'net_context_0', operations: 2 }] }],
    });
    expect(group?.layouts[0]?.contexts[0]?.edgeLayers).toEqual({ BOUNDARY: 2, INTERMEDIATE: 1 });
  });

  it('describes the streams', () => {
    const [layout] = described(SAMPLE).networkGroups[0]!.layouts;
    expect(layout?.inputs).toEqual([
      {
        ...{ name: 'net/input_layer1', layer: 'net/input_layer1', kind: 'info', network: 'net', context: 0 },
        ...{ shape: [64, 96, 3], paddedShape: [64, 96, 8], type: 'UINT8', order: 'NHCW', hostOrder: 'NHWC' },
        ...{ transposed: false, frameBytes: 18432, paddedFrameBytes: 49152, nms: null, parts: [] },
        originalNames: ['image'],
        quantization: { scale: 0.0078125, zeroPoint: 128, limits: [-1, 0.9921875], perFeature: null },
      },
    ]);
    expect(layout?.outputs).toMatchObject([
      {
        ...{ name: 'net/fc1', shape: [1, 1, 3], type: 'UINT16', order: 'NC', frameBytes: 6 },
        originalNames: ['scores', 'probabilities'],
        quantization: { perFeature: { scales: [0.5, 0.25, 0.125], zeroPoints: [10, 11, 12] } },
      },
    ]);
  });

  it('swaps height and width of a transposed stream, but not of a flat one', () => {
    const [input, output] = EDGES;
    const turned = (edge: Content | undefined): Content => ({
      ...edge,
      layer_info: { ...(edge?.['layer_info'] as Content), transposed: 1 },
    });
    const [layout] = described(withEdges([turned(input), turned(output)])).networkGroups[0]!.layouts;
    expect(layout?.inputs[0]).toMatchObject({ shape: [96, 64, 3], transposed: true });
    expect(layout?.outputs[0]).toMatchObject({ shape: [1, 1, 3], transposed: false });
  });

  it('describes muxed streams, planes and detections', () => {
    const mux = {
      layer_mux: {
        name: 'mux1',
        predecessors: [{ layer_info: { name: 'a' } }, { layer_mux: { name: 'b' } }],
      },
    };
    const planes = {
      layer_planes: {
        name: 'nv12',
        height: 4,
        width: 6,
        features: 3,
        planes: [{ layer_info: { name: 'y' } }],
      },
    };
    const nms_info = {
      number_of_classes: 80n,
      max_output_size: 10n,
      input_division_factor: 2n,
      burst_type: 1,
    };
    const nms = {
      direction: 1,
      layer_info: {
        name: 'nms1',
        edge_layer_base: { format: 6, data_bytes: 2, additional_info: { nms_info } },
      },
    };
    const [layout] = described(withEdges([mux, planes, nms])).networkGroups[0]!.layouts;
    expect(layout?.inputs).toMatchObject([
      { kind: 'mux', name: 'mux1', parts: ['a', 'b'], quantization: null },
      { kind: 'planes', name: 'nv12', parts: ['y'], shape: [4, 6, 3], order: 'NV12' },
    ]);
    expect(layout?.outputs).toMatchObject([
      {
        ...{
          shape: [80, 5, 20],
          order: 'HAILO_NMS_ON_CHIP',
          hostOrder: 'HAILO_NMS_BY_CLASS',
          frameBytes: null,
        },
        nms: { classes: 80, boxesPerClass: 10, burst: 'H8_PER_CLASS' },
      },
    ]);
  });

  it('finds the core in newer files, with what runs on the host', () => {
    const pad = {
      name: 'boxes',
      format_order: 9,
      format_type: 2,
      nms_shape: { number_of_classes: 3, max_bboxes_per_class: 7 },
    };
    const logits = {
      name: 'scores',
      format_order: 6,
      format_type: 1,
      tensor_shape: { height: 1, width: 1, features: 5 },
    };
    const ops = [
      { name: 'chip', core_op: CORE },
      { name: 'nms', nms_op: { classes: 3, yolov8_nms_op: { image_height: 64 } }, output_pads: [pad] },
      { name: 'softmax', logits_op: { logits_type: 1 }, output_pads: [logits] },
    ];
    const [group] = described({
      ...HEADER,
      network_groups: [{ ops, sorted_outputs_order: ['boxes'] }],
    }).networkGroups;
    expect(group).toMatchObject({
      ...{ name: 'net', outputOrder: ['boxes'] },
      layouts: [{ inputs: [{ name: 'net/input_layer1' }] }],
      hostOperators: [
        { name: 'nms', kind: 'yolov8_nms_op', classes: 3, outputs: [{ type: 'UINT16', shape: [3, 7] }] },
        {
          name: 'softmax',
          kind: 'SOFTMAX_TYPE',
          classes: null,
          outputs: [{ order: 'NC', shape: [1, 1, 5] }],
        },
      ],
    });
  });

  it('finds the layouts for parts of the chip, as Hailo-8L files have them', () => {
    const layout = (bits: number) => ({ partial_clusters_layout_bitmap: bits });
    const groups = [0x0f, 0xf0].map((bits) => ({ network_group: CORE, layout: layout(bits) }));
    const cores = [{ core_op: CORE, layout: layout(3) }];
    const { networkGroups } = described({
      ...HEADER,
      network_groups: [
        { partial_network_groups: groups },
        { ops: [{ core_op: { partial_core_ops: cores } }] },
      ],
    });
    expect(networkGroups.map(({ name, layouts }) => [name, layouts.map(({ clusters }) => clusters)])).toEqual(
      [
        ['net', [15, 240]],
        ['net', [3]],
      ],
    );
    expect(networkGroups[0]?.layouts[1]?.outputs[0]?.name).toBe('net/fc1');
  });

  it('takes the output order from where old and fused files keep it', () => {
    const order = (more: Content) => described(withEdges(EDGES, more)).networkGroups[0]?.outputOrder;
    const fused = { network_has_fused_layers: 1, updated_sorted_output_names: ['fused'] };
    expect(order({ fused_layers_metadata: fused, sorted_outputs_order: ['x'] })).toEqual(['fused']);
    expect(order({ fused_layers_metadata: { ...fused, network_has_fused_layers: 0 } })).toEqual([]);
    expect(described({ ...HEADER, network_groups: [CORE] }).networkGroups[0]?.outputOrder).toEqual([
      'net/fc1',
    ]);
  });

  it('verifies external resources', () => {
    const content = Uint8Array.of(1, 2, 3, 4, 5);
    const resource = { name: 'tokenizer.json', offset: 300n, size: 5n, xxhash: xxh3Of(content) };
    const make = (more: Content) =>
      makeHef(3, encode('Hef', { ...SAMPLE, external_resources: [{ ...resource, ...more }] }), {
        ...{ configuration, padding: 10, additional: content, protobufChecksum: true },
      });
    const [found] = describeHef(make({})).externalResources;
    expect(found).toMatchObject({ name: 'tokenizer.json', bytes: 5, checksum: { matches: true } });
    expect(describeHef(make({ xxhash: 0n })).externalResources[0]?.checksum).toBeNull();
    expect(() => describeHef(make({ xxhash: 7n }), 'a.hef')).toThrow(
      /^a\.hef: received the resource "tokenizer\.json" with the XXH3-64 checksum [0-9a-f]{16}, expected 0{15}7, /,
    );
    expect(() => describeHef(make({ size: 6n }), 'a.hef')).toThrow(
      /the resource "tokenizer\.json" at bytes \d+ to \d+/,
    );
  });

  it('refuses resources that overlap so much that checking them would take for ever', () => {
    const resource = { name: 'again', offset: 0n, size: 300n };
    const content = { ...SAMPLE, external_resources: Array.from({ length: 100 }, () => resource) };
    expect(() => described(content)).toThrow(/^made\.hef: received external resources of 30000 bytes in all/);
  });

  it('reports a version 3 content checksum that HailoRT would not compare', () => {
    const hef = makeHef(3, protobuf, { configuration, protobufChecksum: true });
    hef[hef.length - 1]! ^= 1;
    const { checksums } = describeHef(join(hef, Uint8Array.of(9, 9)));
    expect(checksums).toMatchObject([
      { covers: 'protobuf', matches: true },
      { covers: 'content', matches: false },
    ]);
    expect(describeHef(join(hef, Uint8Array.of(9, 9))).trailingBytes).toBe(2);
  });

  it('merges what protobuf merges', () => {
    const twice = join(protobuf, encode('Hef', { header: { sdk_version_str: '4.0.0' } }));
    const { compiler, hardware } = describeHef(makeHef(2, twice));
    expect([compiler.version, hardware.name]).toEqual(['4.0.0', 'HAILO8P']);
  });

  it('reads packed numbers', () => {
    const packed = new BinaryWriter().tag(6, WireType.LengthDelimited).fork().double(2).double(4).join();
    const numeric = join(encode('EdgeLayerNumericInfo', { qp_scale: 2 }), packed.finish());
    const layer = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(numeric).finish();
    const edge = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(layer).finish();
    const metadata = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(edge).finish();
    const context = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(metadata).finish();
    const group = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(context).finish();
    const hef = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(group).finish();
    const [layout] = describeHef(makeHef(2, hef)).networkGroups[0]!.layouts;
    expect(layout?.inputs[0]?.quantization).toMatchObject({ scale: 2, perFeature: { scales: [2, 4] } });
  });
});
