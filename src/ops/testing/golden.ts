import { readFileSync } from 'node:fs';

import type { Shape } from '../../core/tensor.js';
import type { Graph } from '../../onnx/graph.js';
import type { PlainAttributes } from '../../onnx/schema.js';
import { decomposeGraph } from '../decompose.js';
import { evaluateGraph } from '../reference/evaluate.js';
import type { NdArray } from '../reference/ndarray.js';
import { buildCase } from './build-case.js';
import type { CaseInput, OperatorCase } from './case.js';
import { FLOAT32_TOLERANCE } from './check-onnx.js';
import { requireClose } from './compare.js';
import { runOnnx } from './run-onnx.js';

/** Numbers of one array in a golden file. */
export interface GoldenArray {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** One call of an operator with the values and gradients that another framework gives. */
export interface GoldenCase {
  readonly operator: string;
  readonly name: string;
  readonly domain: string;
  readonly attributes: PlainAttributes;
  readonly inputs: readonly (CaseInput | null)[];
  readonly outputs: readonly GoldenArray[];
  /** The loss is Σ output · output gradient; empty for forward-only cases. */
  readonly outputGrads: readonly (GoldenArray | null)[];
  readonly inputGrads: readonly (GoldenArray | null)[];
}

/** `tests/golden/ops.json`, as `ops.py` writes it. */
export interface GoldenFile {
  readonly torch: string;
  readonly movingAverages: { readonly momentum: number } & Readonly<
    Record<'x' | 'mean' | 'variance' | 'newMean' | 'newVariance', GoldenArray>
  >;
  readonly cases: readonly GoldenCase[];
}

/** Reads the golden vectors of the operators. */
export function readGolden(): GoldenFile {
  const url = new URL('../../../tests/golden/ops.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as GoldenFile;
}

/** The float64 array of a golden one. */
export function arrayOf({ shape, data }: GoldenArray): NdArray {
  return { shape, data: Float64Array.from(data) };
}

/** Constants that rules put into graphs, such as 1/6, are float32 (6e-8); the kernels are float64. */
const REFERENCE_TOLERANCE = 2e-7;

/** Compares the reference kernels, on the forward and gradient graph, with a golden case. */
export function checkReference(golden: GoldenCase): void {
  const { graph, feeds } = goldenGraph(golden);
  compare(golden, evaluateGraph(graph, feeds), REFERENCE_TOLERANCE);
}

/** Compares the decomposed graph in ONNX Runtime with a golden case. */
export async function checkOnnxRuntime(golden: GoldenCase): Promise<void> {
  const { graph, feeds } = goldenGraph(golden);
  compare(golden, await runOnnx(decomposeGraph(graph), feeds), FLOAT32_TOLERANCE);
}

function goldenGraph(golden: GoldenCase): { graph: Graph; feeds: Readonly<Record<string, NdArray>> } {
  const wrt = golden.inputGrads.flatMap((grad, i) => (grad === null ? [] : [i]));
  const through = golden.outputGrads.flatMap((grad, i) => (grad === null ? [] : [i]));
  const inputs = golden.inputs.map((input) => input ?? undefined);
  const c: OperatorCase = { ...golden, inputs, wrt, through };
  const weights = golden.outputGrads.map((grad) => (grad === null ? undefined : arrayOf(grad)));
  return buildCase(c, weights);
}

function compare(golden: GoldenCase, actual: ReadonlyMap<string, NdArray>, tolerance: number): void {
  golden.outputs.forEach((output, i) =>
    requireClose(`${golden.name}, y${i}`, actual.get(`y${i}`), arrayOf(output), tolerance),
  );
  golden.inputGrads.forEach((grad, i) => {
    if (grad === null) return;
    requireClose(`${golden.name}, dx${i}`, actual.get(`dx${i}`), arrayOf(grad), tolerance);
  });
}
