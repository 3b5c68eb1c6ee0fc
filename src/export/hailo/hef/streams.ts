import type { HefNms, HefQuantization, HefStream } from './description.js';
import { orderOf, typeOfBytes } from './formats.js';
import type { Message } from './message.js';
import { enumName } from './schema/index.js';

/** Where a stream is found. */
export interface StreamPlace {
  readonly context: number;
  readonly networks: readonly string[];
  /** Whether the whole network is transposed, as old files say. */
  readonly transposedNet: boolean;
}

type Shape = readonly [number, number, number];

/** How an edge layer connects: `BOUNDARY` is the host, others lead to another context or back. */
export function connectionOf(edge: Message): string {
  const number = edge.message('context_switch_info')?.number('edge_connection_type') ?? 0;
  return enumName('EdgeConnectionType', number);
}

/** Describes an edge layer (`EdgeLayer`) that leads to the host. */
export function describeStream(edge: Message, place: StreamPlace): HefStream {
  const index = edge.number('network_index');
  const about = { network: place.networks[index] ?? `network ${index}`, context: place.context };
  const mux = edge.message('layer_mux');
  if (mux !== undefined) return { ...about, ...muxStream(mux) };
  const planes = edge.message('layer_planes');
  if (planes !== undefined) return { ...about, ...planesStream(planes) };
  return { ...about, ...infoStream(edge.message('layer_info'), place.transposedNet) };
}

type Stream = Omit<HefStream, 'network' | 'context'>;

function infoStream(layer: Message | undefined, transposedNet: boolean): Stream {
  const transposed = transposedNet || layer?.number('transposed') === 1;
  return {
    kind: 'info',
    ...named(layer),
    ...baseOf(layer?.message('edge_layer_base'), transposed),
    quantization: quantizationOf(layer?.message('numeric_info')),
    parts: [],
  };
}

function muxStream(mux: Message): Stream {
  const base = baseOf(mux.message('edge_layer_base'), false);
  const parts = mux.messages('predecessors').map(nameOfPart);
  return { kind: 'mux', ...named(mux), ...base, frameBytes: null, quantization: null, parts };
}

function planesStream(planes: Message): Stream {
  const shape = [planes.number('height'), planes.number('width'), planes.number('features')] as const;
  const order = enumName('EPlanesFormat', planes.number('planes_format'));
  return {
    kind: 'planes',
    ...{ name: planes.text('name'), layer: '', originalNames: [], nms: null, transposed: false },
    ...{ shape, paddedShape: shape, order, hostOrder: order, type: 'UINT8' },
    ...{ frameBytes: null, paddedFrameBytes: 0, quantization: null },
    parts: planes.messages('planes').map(nameOfPart),
  };
}

/** A part may hold parts again; its name is enough. */
function nameOfPart(part: Message): string {
  const inner = part.message('layer_info') ?? part.message('layer_mux') ?? part.message('layer_planes');
  return inner?.text('name') ?? '';
}

function named(layer: Message | undefined) {
  return {
    name: layer?.text('name') ?? '',
    layer: layer?.text('hn_output_layer_name') ?? '',
    originalNames: layer?.texts('original_names') ?? [],
  };
}

/** Shape, order, type and sizes out of an `EdgeLayerBase`, by HailoRT's rules. */
function baseOf(base: Message | undefined, swapped: boolean) {
  const { order, hostOrder } = orderOf(base?.number('format') ?? 0);
  const dataBytes = base?.number('data_bytes') ?? 0;
  const nms = base?.message('additional_info')?.message('nms_info');
  const onChip = order === 'HAILO_NMS_ON_CHIP';
  const transposed = swapped && order !== 'NC';
  const stated = onChip ? nmsShape(nms) : sizesOf(base, ['height', 'width', 'features']);
  const shape: Shape = transposed ? [stated[1], stated[0], stated[2]] : stated;
  return {
    ...{ shape, paddedShape: sizesOf(base, ['padded_height', 'padded_width', 'padded_features']) },
    ...{ order, hostOrder, type: typeOfBytes(dataBytes), transposed },
    frameBytes: onChip ? null : shape[0] * shape[1] * shape[2] * dataBytes,
    paddedFrameBytes:
      (base?.number('core_bytes_per_buffer') ?? 0) * (base?.number('core_buffers_per_frame') ?? 0),
    nms: onChip ? nmsOf(nms) : null,
  };
}

function sizesOf(base: Message | undefined, names: readonly [string, string, string]): Shape {
  const size = (name: string) => base?.number(name) ?? 0;
  return [size(names[0]), size(names[1]), size(names[2])];
}

/** Values of a box: four corners and a score. */
const BOX_VALUES = 5;

function nmsShape(nms: Message | undefined): Shape {
  const boxes = (nms?.number('max_output_size') ?? 0) * (nms?.number('input_division_factor') ?? 0);
  return [nms?.number('number_of_classes') ?? 0, BOX_VALUES, boxes];
}

function nmsOf(nms: Message | undefined): HefNms {
  return {
    classes: nms?.number('number_of_classes') ?? 0,
    boxesPerClass: nms?.number('max_output_size') ?? 0,
    burst: enumName('NmsBurstType', nms?.number('burst_type') ?? 0),
  };
}

function quantizationOf(numeric: Message | undefined): HefQuantization | null {
  if (numeric === undefined) return null;
  const scale = numeric.number('qp_scale');
  const zeroPoint = numeric.number('qp_zp');
  const scales = numeric.numbers('qp_scales');
  const zeroPoints = numeric.numbers('qp_zps');
  const common = scales.every((s) => s === scale) && zeroPoints.every((zp) => zp === zeroPoint);
  const limits = [numeric.number('limvals_min'), numeric.number('limvals_max')] as const;
  return { scale, zeroPoint, limits, perFeature: common ? null : { scales, zeroPoints } };
}

/** Whether an edge layer brings data to the host. */
export function isOutput(edge: Message): boolean {
  return enumName('EdgeLayerDirection', edge.number('direction')) === 'DEVICE_TO_HOST';
}
