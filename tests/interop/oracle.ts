import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { LayerGraph } from '../../src/models/layer-graph.js';
import { weightOf, type Weights } from '../../src/models/model.js';

/** The Python that has the oracles. @throws Error with one sentence when the suite was not started by its script */
export function oraclePython(): string {
  const python = process.env['MIEN_ORACLE_PYTHON'];
  if (python !== undefined && python !== '') return python;
  throw new Error(
    'interop tests: received no MIEN_ORACLE_PYTHON, expected a start by `npm run test:interop`.',
  );
}

/** Runs a Python script; its output shows only when it fails. */
export function runPython(script: string, args: readonly string[]): void {
  execFileSync(oraclePython(), [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Calls `body` with a temporary folder. */
export async function inFolder<T>(body: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mien-interop-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One batch: pictures `[N, H, W, C]` and labels `[N, K]`. */
export interface OracleBatch {
  readonly x: Float32Array;
  readonly xShape: readonly number[];
  readonly y: Float32Array;
  readonly yShape: readonly number[];
}

/** Loss, and gradients by weight key in Keras layout. */
export interface OracleGradients {
  readonly oracle: string;
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

/** Differentiates the cross-entropy of a model in float64, by Keras or PyTorch as the suite was started. */
export async function oracleGradients(
  graph: LayerGraph,
  weights: Weights,
  batch: OracleBatch,
): Promise<OracleGradients> {
  const name = process.env['MIEN_ORACLE'] === 'torch' ? 'torch_gradients.py' : 'keras_gradients.py';
  return inFolder((folder) => {
    writeProblem(folder, graph, weights, batch);
    runPython(fileURLToPath(new URL(name, import.meta.url)), [folder]);
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as {
      loss: number;
      oracle: string;
    };
    const bytes = new Uint8Array(readFileSync(join(folder, 'gradients.bin')));
    return { ...result, gradients: byKey(graph, weights, new Float64Array(bytes.buffer)) };
  });
}

function writeProblem(folder: string, graph: LayerGraph, weights: Weights, batch: OracleBatch): void {
  const { x, y, xShape, yShape } = batch;
  const slots = graph.weightSlots;
  const nodes = graph.nodes.map(({ name, layer, inbound }) => ({
    name,
    inbound,
    className: layer.className,
    config: layer.config(),
    trainable: layer.trainable,
    constant: layer.operand?.value,
    weights: slots
      .filter((slot) => slot.layer === layer)
      .map(({ spec }) => ({ name: spec.name, shape: spec.shape })),
  }));
  const values = slots.map(({ layer, spec }) => bytesOf(weightOf(weights, layer, spec.name)));
  writeFileSync(
    join(folder, 'graph.json'),
    JSON.stringify({ xShape, yShape, output: graph.outputs[0], nodes }),
  );
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(values));
  writeFileSync(join(folder, 'x.bin'), bytesOf(x));
  writeFileSync(join(folder, 'y.bin'), bytesOf(y));
}

function byKey(graph: LayerGraph, weights: Weights, flat: Float64Array): Map<string, Float64Array> {
  let offset = 0;
  const entries = graph.weightSlots.map(({ key, layer, spec }) => {
    const { length } = weightOf(weights, layer, spec.name);
    return [key, flat.slice(offset, (offset += length))] as const;
  });
  if (offset !== flat.length)
    throw new Error(`the oracle gave ${flat.length} gradients instead of ${offset}`);
  return new Map(entries);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
