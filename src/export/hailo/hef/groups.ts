import type {
  HefContext,
  HefHostOperator,
  HefLayout,
  HefNetworkGroup,
  HefPad,
  HefStream,
} from './description.js';
import type { Message } from './message.js';
import { enumName } from './schema/index.js';
import { connectionOf, describeStream, isOutput, type StreamPlace } from './streams.js';

/** Describes a network group (`NetworkGroup`), whichever of its three historic forms it has. */
export function describeGroup(group: Message): HefNetworkGroup {
  const core = coreOf(group);
  const parts = [...partialCores(core), ...partialGroups(group)];
  const [main = core] = [core, ...parts.map(({ core }) => core)].filter((one) => one.has('contexts'));
  const metadata = main.message('network_group_metadata') ?? core.message('network_group_metadata');
  const networks = main.texts('networks_names');
  const whole = core.has('contexts') ? [{ core, clusters: null }] : [];
  return {
    name: metadata?.text('network_group_name') ?? group.text('network_group_name'),
    index: metadata?.number('network_group_index') ?? group.number('network_group_index'),
    networks,
    outputOrder: outputOrder(group, main),
    estimatedFps: metadata?.number('bottleneck_fps') ?? 0,
    estimatedLatency: metadata?.number('latency') ?? 0,
    operations: metadata?.number('computational_ops') ?? 0,
    configurationChannels: metadata?.number('cfg_channels_count') ?? 0,
    layouts: [...whole, ...parts].map(({ core, clusters }) => describeLayout(core, clusters)),
    hostOperators: group.messages('ops').filter(isOnHost).map(describeOperator),
  };
}

interface Part {
  readonly core: Message;
  readonly clusters: number | null;
}

/** What runs on the chip: an operator among others in newer files, the group itself in older ones. */
function coreOf(group: Message): Message {
  for (const operator of group.messages('ops')) {
    const core = operator.message('core_op');
    if (core !== undefined) return core;
  }
  return group;
}

function partialCores(core: Message): Part[] {
  if (core.type !== 'CoreOp') return [];
  return core.messages('partial_core_ops').flatMap((part) => partOf(part, part.message('core_op')));
}

function partialGroups(group: Message): Part[] {
  return group.messages('partial_network_groups').flatMap((part) => {
    const inner = part.message('network_group');
    return partOf(part, inner === undefined ? undefined : coreOf(inner));
  });
}

function partOf(part: Message, core: Message | undefined): Part[] {
  const clusters = part.message('layout')?.number('partial_clusters_layout_bitmap') ?? 0;
  return core === undefined ? [] : [{ core, clusters }];
}

/** The first of the places where files of different ages keep it. */
function outputOrder(group: Message, core: Message): string[] {
  const fused = core.message('fused_layers_metadata');
  const last = core.messages('contexts').at(-1)?.message('metadata');
  const places = [
    fused?.number('network_has_fused_layers') === 1 ? fused.texts('updated_sorted_output_names') : [],
    group.texts('sorted_outputs_order'),
    core.texts('sorted_outputs_order'),
    last?.texts('sorted_outputs_order') ?? [],
  ];
  return places.find((names) => names.length > 0) ?? [];
}

function describeLayout(core: Message, clusters: number | null): HefLayout {
  const metadata = core.message('network_group_metadata');
  const contexts: HefContext[] = [];
  const inputs: HefStream[] = [];
  const outputs: HefStream[] = [];
  const about = {
    networks: networksOf(core, metadata),
    transposedNet: metadata?.number('transposed_net') === 1,
  };
  for (const context of core.messages('contexts')) {
    const place: StreamPlace = { ...about, context: context.number('context_index') };
    const edges = context.message('metadata')?.messages('edge_layers') ?? [];
    contexts.push(describeContext(context, edges));
    for (const edge of edges.filter((edge) => connectionOf(edge) === 'BOUNDARY')) {
      (isOutput(edge) ? outputs : inputs).push(describeStream(edge, place));
    }
  }
  return { clusters, contexts, inputs, outputs };
}

function networksOf(core: Message, metadata: Message | undefined): string[] {
  const names = core.texts('networks_names');
  return names.length > 0 ? names : [metadata?.text('network_group_name') ?? ''];
}

function describeContext(context: Message, edges: readonly Message[]): HefContext {
  const edgeLayers: Record<string, number> = {};
  for (const edge of edges) {
    const connection = connectionOf(edge);
    edgeLayers[connection] = (edgeLayers[connection] ?? 0) + 1;
  }
  return {
    index: context.number('context_index'),
    name: nameOf(context, edges),
    operations: context.count('operations'),
    edgeLayers,
  };
}

/** Newer compilers name the context only in its edge layers. */
function nameOf(context: Message, edges: readonly Message[]): string {
  const own = context.message('metadata')?.text('name') ?? '';
  return own === '' ? (edges[0]?.message('context_switch_info')?.text('context_name') ?? '') : own;
}

function isOnHost(operator: Message): boolean {
  return operator.has('nms_op') || operator.has('logits_op');
}

const DETECTORS = ['yolo_nms_op', 'yolox_nms_op', 'ssd_nms_op', 'iou_op', 'yolo_seg_op', 'yolov8_nms_op'];

function describeOperator(operator: Message): HefHostOperator {
  const nms = operator.message('nms_op');
  const detector = DETECTORS.find((name) => nms?.has(name)) ?? 'nms_op';
  const logits = enumName('LogitsType', operator.message('logits_op')?.number('logits_type') ?? 0);
  return {
    name: operator.text('name'),
    kind: nms === undefined ? logits : detector,
    classes: nms?.number('classes') ?? null,
    outputs: operator.messages('output_pads').map(describePad),
  };
}

function describePad(pad: Message): HefPad {
  const tensor = pad.message('tensor_shape');
  const nms = pad.message('nms_shape');
  const shape =
    tensor === undefined
      ? [nms?.number('number_of_classes') ?? 0, nms?.number('max_bboxes_per_class') ?? 0]
      : [tensor.number('height'), tensor.number('width'), tensor.number('features')];
  return {
    name: pad.text('name'),
    order: enumName('FormatOrder', pad.number('format_order')),
    type: enumName('FormatType', pad.number('format_type')),
    shape,
  };
}
