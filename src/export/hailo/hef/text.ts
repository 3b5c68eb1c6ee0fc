import { groupDigits } from '../../../core/table.js';
import { counts, fields, float32Text, plain, type Row, shapeText, table } from '../text.js';
import type {
  HefDescription,
  HefLayout,
  HefNetworkGroup,
  HefQuantization,
  HefStream,
} from './description.js';
import type { VerifiedChecksum } from './verify.js';

/** The description of a HEF as text for people. */
export function formatHef(hef: HefDescription): string {
  const sections = [
    fields(overview(hef)),
    ...hef.networkGroups.map(groupLines),
    resourceLines(hef),
    unknownLines(hef),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function overview(hef: HefDescription): Row[] {
  const { header, compiler, hardware } = hef;
  const runsOn = hardware.runsOn.length === 0 ? 'devices unknown' : `runs on ${hardware.runsOn.join(', ')}`;
  return [
    ['format', `HEF version ${header.version}, ${groupDigits(hef.bytes)} bytes`],
    ['sections', sectionsText(hef)],
    ...hef.checksums.map((checksum): Row => ['checksum', checksumText(checksum)]),
    ['compiler', `Dataflow Compiler ${compiler.version || '(version not stated)'}${dateText(hef)}`],
    ['hardware', `${hardware.name} (${runsOn})`],
    ['features', featuresText(hef, false)],
    ['optional', featuresText(hef, true)],
    ['actions', counts(hef.actions)],
    ['class names', 'none; the format has no place for them'],
    ['not decoded', hef.mappingBytes === 0 ? 'nothing' : `mapping, ${groupDigits(hef.mappingBytes)} bytes`],
  ];
}

function sectionsText({ header, trailingBytes }: HefDescription): string {
  const parts: (readonly [number, string])[] = [
    [header.headerBytes, 'header'],
    [header.protobufBytes, 'protobuf'],
    [header.paddingBytes, 'padding'],
    [header.configurationBytes, 'configuration'],
    [header.additionalBytes, 'additional'],
    [trailingBytes, 'beyond what the header promises'],
  ];
  const present = parts.filter(([bytes]) => bytes > 0);
  return present.map(([bytes, name]) => `${name} ${groupDigits(bytes)}`).join(', ');
}

function checksumText({ algorithm, covers, expected, computed, matches }: VerifiedChecksum): string {
  if (matches) return `${algorithm} ${computed} of the ${covers}: verified`;
  return `${algorithm} ${computed} of the ${covers}: the header states ${expected}, which HailoRT does not compare`;
}

function dateText({ compiler: { compiledAt, formatVersion } }: HefDescription): string {
  return `${compiledAt === null ? '' : `, ${compiledAt}`}, format ${formatVersion}`;
}

function featuresText({ features }: HefDescription, optional: boolean): string {
  const names = features.filter((feature) => feature.optional === optional).map(({ name }) => name);
  return names.length === 0 ? 'none' : names.join(', ');
}

function groupLines(group: HefNetworkGroup): string[] {
  const { estimatedFps, estimatedLatency, operations } = group;
  const rows: Row[] = [
    ['networks', group.networks.join(', ')],
    ['output order', group.outputOrder.join(', ')],
    ['estimate', `${estimatedFps.toFixed(1)} frames/s, latency ${float32Text(estimatedLatency)}`],
    ['operations', operations === 0 ? 'not stated' : groupDigits(operations)],
  ];
  return [
    `network group "${plain(group.name)}"`,
    ...fields(rows).map((line) => `  ${line}`),
    ...group.layouts.flatMap(layoutLines),
    ...operatorLines(group),
  ];
}

function layoutLines({ clusters, contexts, inputs, outputs }: HefLayout): string[] {
  const streams = [
    ...inputs.map((stream) => row('in', stream)),
    ...outputs.map((stream) => row('out', stream)),
  ];
  const head = ['', 'stream', 'shape', 'type', 'order', 'bytes', 'on chip', 'scale', 'zero point', 'range'];
  const contextRows = contexts.map(({ index, name, operations, edgeLayers }) => [
    ...[String(index), name, String(operations), counts(edgeLayers)],
  ]);
  return [
    ...(clusters === null ? [] : ['', `  for clusters 0x${clusters.toString(16)}`]),
    ...['', ...table(['context', 'name', 'steps', 'edge layers'], contextRows)],
    ...['', ...table(head, streams)],
    ...nameLines([...inputs, ...outputs]),
  ];
}

function row(direction: string, stream: HefStream): string[] {
  const { order, hostOrder, transposed } = stream;
  const arrow = order === hostOrder ? order : `${order} → ${hostOrder}`;
  return [
    ...[direction, stream.name, shapeText(stream.shape), stream.type],
    transposed ? `${arrow}, transposed` : arrow,
    ...[stream.frameBytes === null ? '-' : String(stream.frameBytes), String(stream.paddedFrameBytes)],
    ...quantizationCells(stream.quantization),
  ];
}

function quantizationCells(quantization: HefQuantization | null): string[] {
  if (quantization === null) return ['-', '-', '-'];
  const { scale, zeroPoint, limits, perFeature } = quantization;
  const range = `${float32Text(limits[0])} … ${float32Text(limits[1])}`;
  if (perFeature === null) return [float32Text(scale), float32Text(zeroPoint), range];
  return [spread(perFeature.scales), spread(perFeature.zeroPoints), `${range} (per feature)`];
}

function spread(values: readonly number[]): string {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.length === 0 ? '-' : `${float32Text(low)} … ${float32Text(high)}`;
}

/** Long names, one a line, below the table. */
function nameLines(streams: readonly HefStream[]): string[] {
  return streams.flatMap(({ name, layer, originalNames, parts, nms }) => [
    '',
    `  ${plain(name)}: layer ${plain(layer) || '-'}`,
    ...(nms === null ? [] : [`    NMS on the chip: ${nms.classes} classes, ${nms.boxesPerClass} boxes each`]),
    ...parts.map((part) => `    part ${plain(part)}`),
    ...originalNames.map((original) => `    from ${plain(original)}`),
  ]);
}

function operatorLines({ hostOperators }: HefNetworkGroup): string[] {
  if (hostOperators.length === 0) return [];
  const rows = hostOperators.map(({ name, kind, classes, outputs }) => [
    ...[name, kind, classes === null ? '-' : String(classes)],
    outputs.map((pad) => `${pad.name} ${shapeText(pad.shape)} ${pad.type} ${pad.order}`).join(', '),
  ]);
  return ['', ...table(['on the host', 'kind', 'classes', 'outputs'], rows)];
}

function resourceLines({ externalResources }: HefDescription): string[] {
  if (externalResources.length === 0) return [];
  const rows = externalResources.map(({ name, bytes, offset, checksum }) => [
    ...[name, String(bytes), String(offset)],
    checksum === null ? 'no checksum' : `${checksum.computed} verified`,
  ]);
  return ['external resources', ...table(['name', 'bytes', 'at byte', 'XXH3-64'], rows)];
}

function unknownLines({ unknownFields, moreUnknownFields, schema }: HefDescription): string[] {
  if (unknownFields.length === 0) return [`unknown fields: none (schema of ${schema})`];
  const rows = unknownFields.map(({ path, number, wireType, count, bytes, expectedName }) => [
    ...[path === '' ? '(top)' : path, String(number), wireType, String(count), String(bytes)],
    expectedName === null ? '' : `${expectedName}, but of another type`,
  ]);
  const more = moreUnknownFields === 0 ? [] : [`  and ${moreUnknownFields} more`];
  const head = ['in', 'number', 'kind', 'times', 'bytes', ''];
  return [`fields that the schema of ${schema} does not have`, ...table(head, rows), ...more];
}
