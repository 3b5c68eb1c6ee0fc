import { statSync } from 'node:fs';

import type { Preprocessing } from '../core/preprocessing.js';
import { sizeOf, type Shape } from '../core/tensor.js';
import { alignTable, groupDigits } from '../evaluate/table.js';
import { macsOf, type Macs } from '../models/macs.js';
import { countParameters, type Model } from '../models/model.js';
import type { LayerGraph } from '../models/layer-graph.js';
import type { LayerInfo, ModelInfo } from './model-description.js';
import { openAsIs, fileOf, networkFormat } from './model-source.js';
import { networkInfo } from './network-info.js';

export type { LayerInfo, ModelInfo } from './model-description.js';

/**
 * Describes a model: a run folder, a `.keras`, `.h5`, `.onnx` or `.tflite` file, or a shipped model.
 *
 * @throws InputError when there is none, or it is damaged
 * @example console.log(formatModelInfo(await modelInfo('runs/default')));
 */
export async function modelInfo(source: string): Promise<ModelInfo> {
  if (networkFormat(source) !== undefined) return networkInfo(source);
  const model = await openAsIs(source, '<model>');
  const { graph, classes, preprocessing, origin } = model;
  const macs = macsOf(graph);
  const { path, format } = fileOf(source);
  return {
    version: 1,
    source,
    format,
    bytes: path === undefined ? null : statSync(path).size,
    name: graph.name,
    inputs: shapesOf(graph, graph.inputs),
    outputs: shapesOf(graph, graph.outputs),
    parameters: countParameters(graph),
    trainableParameters: trainableOf(graph),
    macs: macs.total,
    operators: null,
    classes: classes ?? null,
    preprocessing: preprocessing ?? null,
    origin,
    layers: layersOf(model, macs),
  };
}

function layersOf({ graph }: Model, { byLayer }: Macs): LayerInfo[] {
  const slots = graph.weightSlots;
  return graph.layers.map((layer) => {
    const node = graph.nodes.find((candidate) => candidate.layer === layer);
    const own = slots.filter((slot) => slot.layer === layer);
    return {
      name: layer.name,
      className: layer.className,
      shape: graph.shapeOf(node?.name ?? layer.name),
      parameters: own.reduce((total, { spec }) => total + sizeOf(spec.shape), 0),
      macs: byLayer.get(layer.name) ?? 0,
      trainable: layer.trainable,
      inputs: node?.inbound ?? [],
    };
  });
}

function trainableOf(graph: LayerGraph): number {
  const slots = graph.weightSlots.filter(({ layer, spec }) => layer.trainable && spec.trainable);
  return slots.reduce((total, { spec }) => total + sizeOf(spec.shape), 0);
}

function shapesOf(graph: LayerGraph, names: readonly string[]): Record<string, Shape> {
  return Object.fromEntries(names.map((name) => [name, graph.shapeOf(name)]));
}

/** A model's description as text: what it is, then a table of its layers. */
export function formatModelInfo(info: ModelInfo): string {
  const header = ['layer', 'class', 'output', 'parameters', 'MACs', 'reads'];
  const rows = info.layers.map((layer) => [
    layer.name,
    layer.className,
    shapeText(layer.shape),
    layer.parameters === 0 ? '' : groupDigits(layer.parameters),
    layer.macs === 0 ? '' : groupDigits(layer.macs),
    layer.inputs.join(', '),
  ]);
  const counts = Object.entries(info.operators ?? {}).map(([name, count]) => [name, groupDigits(count)]);
  const table =
    info.operators === null
      ? alignTable([header, ...rows], [0, 1, 2, 5])
      : alignTable([['operator', 'count'], ...counts], [0]);
  return `${[...summary(info), '', ...table].join('\n')}\n`;
}

function summary(info: ModelInfo): string[] {
  const { preprocessing, classes } = info;
  const shapes = (named: Readonly<Record<string, Shape>>) =>
    Object.entries(named).map(([name, shape]) => `${name} ${shapeText(shape)}`);
  const rows: readonly (readonly [string, string])[] = [
    [
      'model',
      `${info.name} (${info.format}${info.bytes === null ? '' : `, ${groupDigits(info.bytes)} bytes`})`,
    ],
    ['input', shapes(info.inputs).join(', ')],
    ['output', shapes(info.outputs).join(', ')],
    ['classes', classes === null ? 'not said' : classes.join(', ')],
    [
      'parameters',
      info.operators === null
        ? `${groupDigits(info.parameters)}, ${groupDigits(info.trainableParameters)} trainable`
        : groupDigits(info.parameters),
    ],
    ...(info.macs === null ? [] : [['MACs', `${groupDigits(info.macs)} per picture`] as const]),
    ['preprocessing', preprocessing === null ? 'not said' : preprocessingText(preprocessing)],
    ...Object.entries(info.origin).map(([name, value]) => [name, textOf(value)] as const),
  ];
  return rows.map(([name, text]) => `${name.padEnd(16)}${text}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function preprocessingText(record: Preprocessing): string {
  const { sourceSize, inputSize, colour, interpolation, scale, mean, std, channels } = record;
  const size = ([height, width]: readonly [number, number]) => `${height}×${width}`;
  const numbers = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join('/');
  const kind = colour === 'grey' ? `grey copied to ${channels} channels` : 'RGB';
  const steps = [
    `${kind}, ${size(sourceSize)} → ${size(inputSize)} ${interpolation}`,
    `(pixel · ${Number(scale.toPrecision(6))} − ${numbers(mean)}) / ${numbers(std)}`,
  ];
  return steps.join(', ');
}
