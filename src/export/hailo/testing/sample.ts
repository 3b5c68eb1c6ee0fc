import type { Content } from './make-hef.js';

const BOUNDARY = { context_name: 'net_context_0', buffers: 4294967295, cache_id: -1 };

/** An input of 96×64×3 bytes, a classifier's output, and a layer that stays on the chip. */
export const EDGES: readonly Content[] = [
  {
    direction: 0,
    context_switch_info: BOUNDARY,
    layer_info: {
      name: 'net/input_layer1',
      hn_output_layer_name: 'net/input_layer1',
      original_names: ['image'],
      edge_layer_base: {
        ...{ height: 64, width: 96, features: 3, padded_height: 64, padded_width: 96, padded_features: 8 },
        ...{ format: 1, data_bytes: 1, core_bytes_per_buffer: 768, core_buffers_per_frame: 64, sys_index: 1 },
      },
      numeric_info: { qp_zp: 128, qp_scale: 0.0078125, limvals_min: -1, limvals_max: 0.9921875 },
    },
  },
  {
    direction: 1,
    context_switch_info: BOUNDARY,
    layer_info: {
      name: 'net/fc1',
      hn_output_layer_name: 'net/fc1',
      original_names: ['scores', 'probabilities'],
      edge_layer_base: {
        ...{ height: 1, width: 1, features: 3, padded_height: 1, padded_width: 1, padded_features: 4 },
        ...{ format: 2, data_bytes: 2, core_bytes_per_buffer: 8, core_buffers_per_frame: 1 },
      },
      numeric_info: {
        ...{ qp_zp: 10, qp_scale: 0.5, limvals_min: -5, limvals_max: 122.5 },
        ...{ qp_zps: [10, 11, 12], qp_scales: [0.5, 0.25, 0.125] },
      },
    },
  },
  {
    direction: 1,
    context_switch_info: { ...BOUNDARY, edge_connection_type: 1 },
    layer_info: { name: 'net/conv3', edge_layer_base: { height: 8, width: 8, features: 16 } },
  },
];

/** The core of a network group with one context. */
export const CORE: Content = {
  network_group_metadata: {
    network_group_name: 'net',
    ...{ bottleneck_fps: 512.25, latency: 0.5, cfg_channels_count: 2, computational_ops: 1234567n },
  },
  preliminary_config: { operation: [{ trigger: { trigger_none: {} }, actions: [{ none: {} }] }] },
  contexts: [
    {
      context_index: 0,
      operations: [
        { actions: [{ enable_lcu: { lcu_index: 3 } }, { write_data_ccw_ptr: { offset: 0n, size: 16 } }] },
        { actions: [{ enable_lcu: { lcu_index: 4, network_index: 1 } }] },
      ],
      metadata: { edge_layers: EDGES, sorted_outputs_order: ['net/fc1'] },
    },
  ],
  networks_names: ['net'],
};

/** The top of a small file. */
export const HEADER: Content = {
  header: { hw_arch: 1, timestamp: 1700000000000n, sdk_version_str: '3.31.0', version: 5n },
  mapping: new Uint8Array(20),
  extensions: [{ type_index: 12, name: 'KO Run ASAP' }],
  optional_extensions: [{ type_index: 11, name: 'HW Padding' }],
};

/** A file of one group, in the form of version 2's time. */
export const SAMPLE: Content = {
  ...HEADER,
  network_groups: [{ ...CORE, sorted_outputs_order: ['net/fc1'] }],
};
