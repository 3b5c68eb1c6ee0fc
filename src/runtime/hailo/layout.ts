/**
 * The part of HailoRT's C interface that is used, as its public header states it (hailo-ai/hailort,
 * libhailort/include/hailo/hailort.h): numbers, names and positions only.
 *
 * Written for HailoRT 4.23.0. Sizes, positions and values below were compiled from the headers of 4.20.0 to 4.23.0 and
 * 5.0.0 to 5.2.0 on a 64-bit system and are the same in all of them; before 4.20, stream descriptions are shorter.
 */

/** HailoRT versions whose layouts are these: major version to lowest and highest minor version. */
export const SUPPORTED: Readonly<Record<number, readonly [number, number]>> = { 4: [20, 23], 5: [0, 2] };

/** `hailo_format_type_t`. */
export const FORMAT_TYPE = { uint8: 1, float32: 3 } as const;

/** `hailo_scheduling_algorithm_t`: networks and processes take turns, none has to be activated by hand. */
export const ROUND_ROBIN = 1;

/** `group_id` under which processes share a device through HailoRT's service. */
export const SHARED_GROUP = 'SHARED';

/** `hailo_stream_direction_t`. */
export const DIRECTION = { hostToDevice: 0, deviceToHost: 1 } as const;

/** `hailo_format_order_t`: results of detectors, which are no plain numbers. */
export const NMS_ORDERS: readonly number[] = [9, 20, 21, 22, 23];

/** Sizes and positions in bytes. */
export const DEVICE_ID_BYTES = 32;

/** `hailo_input_vstream_params_by_name_t`, and the output's, which is the same. */
export const VSTREAM_PARAMS = {
  bytes: 156,
  name: 0,
  nameBytes: 128,
  formatType: 128,
  formatOrder: 132,
  formatFlags: 136,
  timeout: 140,
  queueSize: 144,
} as const;

/** `hailo_vstream_info_t`. */
export const VSTREAM_INFO = {
  bytes: 436,
  name: 0,
  nameBytes: 128,
  direction: 388,
  formatType: 392,
  formatOrder: 396,
  height: 404,
  width: 408,
  features: 412,
  zeroPoint: 420,
  scale: 424,
  lowest: 428,
  highest: 432,
} as const;

/** Most streams and network groups of a HEF. */
export const MOST_STREAMS = 40;
export const MOST_GROUPS = 8;
