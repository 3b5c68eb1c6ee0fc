import { groupDigits } from '../../../core/table.js';
import { formatHef } from '../hef/text.js';
import { counts, fields, plain, type Row, shapeText, table } from '../text.js';
import type { HarDescription, HarLayer } from './description.js';

/** The description of a HAR as text for people. */
export function formatHar(har: HarDescription): string {
  const sections = [
    fields(overview(har)),
    layerLines(har.layers),
    weightLines(har),
    ...har.scripts.map(({ file, text }) => [`script ${plain(file)}`, ...scriptLines(text)]),
    [
      'files',
      ...table(
        ['name', 'bytes'],
        har.files.map(({ name, bytes }) => [name, String(bytes)]),
      ),
    ],
    har.hef === null ? [] : ['executable inside', '', formatHef(har.hef)],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function overview(har: HarDescription): Row[] {
  const { state, stateName } = har;
  const stated = stateName === '' ? 'not stated' : `${state ?? 'unknown'} (${stateName})`;
  return [
    ['format', `HAR, ${groupDigits(har.bytes)} bytes${har.gzip ? ', packed with gzip' : ''}`],
    ['model', har.name === '' ? 'not stated' : har.name],
    ['state', stated],
    ['compiler', har.compilerVersion === '' ? 'not stated' : `Dataflow Compiler ${har.compilerVersion}`],
    ['hardware', har.hardware === '' ? 'not stated' : har.hardware],
    ['graphs', har.graphs.join(', ')],
    ['outputs', har.outputOrder.length === 0 ? 'not stated' : har.outputOrder.join(', ')],
    ['script', har.scripts.length === 0 ? 'none' : har.scripts.map(({ file }) => file).join(', ')],
  ];
}

function layerLines(layers: readonly HarLayer[]): string[] {
  const kinds: Record<string, number> = {};
  for (const { type } of layers) kinds[type] = (kinds[type] ?? 0) + 1;
  const rows = layers.map((layer) => [
    ...[layer.name, layer.type, layer.inputs.join(', ')],
    layer.outputShapes.map(shapeText).join(', '),
    layer.kernelShape === null ? '' : shapeText(layer.kernelShape),
    layer.activation ?? '',
  ]);
  const head = ['layer', 'type', 'from', 'output', 'kernel', 'activation'];
  return [`${layers.length} layers: ${plain(counts(kinds))}`, ...table(head, rows)];
}

function weightLines({ weights }: HarDescription): string[] {
  if (weights.length === 0) return ['weights: none'];
  const rows = weights.map(({ file, bytes, arrays, parameters, types }) => [
    ...[file, String(bytes), String(arrays), String(parameters), counts(types)],
  ]);
  return ['weights', ...table(['file', 'bytes', 'arrays', 'kernels and biases', 'types'], rows)];
}

function scriptLines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => `  ${plain(line)}`);
}
