import { InputError } from '../../core/errors.js';
import type { Port } from '../session.js';
import { DIRECTION, FORMAT_TYPE, NMS_ORDERS, VSTREAM_INFO, VSTREAM_PARAMS } from './layout.js';

/** A stream of a network as HailoRT describes it. */
export interface StreamInfo {
  readonly name: string;
  readonly direction: 'input' | 'output';
  /** `hailo_format_order_t`. */
  readonly order: number;
  /** [height, width, features]. */
  readonly shape: readonly [number, number, number];
  readonly scale: number;
  readonly zeroPoint: number;
  readonly limits: readonly [number, number];
}

/** Reads `count` descriptions of type `hailo_vstream_info_t`. */
export function readInfos(bytes: Uint8Array, count: number): StreamInfo[] {
  return Array.from({ length: count }, (_, i) => {
    const start = i * VSTREAM_INFO.bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, VSTREAM_INFO.bytes);
    const whole = (at: number) => view.getUint32(at, true);
    const real = (at: number) => view.getFloat32(at, true);
    return {
      name: readName(bytes, start + VSTREAM_INFO.name, VSTREAM_INFO.nameBytes),
      direction: whole(VSTREAM_INFO.direction) === DIRECTION.hostToDevice ? 'input' : 'output',
      order: whole(VSTREAM_INFO.formatOrder),
      shape: [whole(VSTREAM_INFO.height), whole(VSTREAM_INFO.width), whole(VSTREAM_INFO.features)],
      scale: real(VSTREAM_INFO.scale),
      zeroPoint: real(VSTREAM_INFO.zeroPoint),
      limits: [real(VSTREAM_INFO.lowest), real(VSTREAM_INFO.highest)],
    };
  });
}

/**
 * What a session takes or gives at a stream. HailoRT quantizes on the host, so outputs are real numbers. An input that
 * stores pixels as they are takes uint8, any other real numbers.
 *
 * @throws InputError for the results of detectors
 */
export function portOf({ name, direction, order, shape, scale, zeroPoint, limits }: StreamInfo): Port {
  if (NMS_ORDERS.includes(order)) {
    const received = `"${name}", a list of boxes`;
    throw new InputError({ where: 'HailoRT', received, expected: 'a network that classifies' });
  }
  const [height, width, features] = shape;
  const flat = direction === 'output' && height === 1 && width === 1;
  const pixels = direction === 'input' && scale === 1 && zeroPoint === 0;
  return {
    name,
    dtype: pixels ? 'uint8' : 'float32',
    shape: flat ? [1, features] : [1, height, width, features],
    limits,
  };
}

/** Sets type of numbers, time limit and the rest as it was in parameters of streams, by name. */
export function setParams(
  bytes: Uint8Array,
  count: number,
  { ports, timeout }: { readonly ports: readonly Port[]; readonly timeout: number },
): string[] {
  return Array.from({ length: count }, (_, i) => {
    const start = i * VSTREAM_PARAMS.bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, VSTREAM_PARAMS.bytes);
    const name = readName(bytes, start + VSTREAM_PARAMS.name, VSTREAM_PARAMS.nameBytes);
    const type = ports.find((port) => port.name === name)?.dtype === 'uint8' ? 'uint8' : 'float32';
    view.setUint32(VSTREAM_PARAMS.formatType, FORMAT_TYPE[type], true);
    view.setUint32(VSTREAM_PARAMS.timeout, timeout, true);
    return name;
  });
}

function readName(bytes: Uint8Array, start: number, length: number): string {
  const all = bytes.subarray(start, start + length);
  const end = all.indexOf(0);
  return new TextDecoder().decode(end === -1 ? all : all.subarray(0, end));
}
