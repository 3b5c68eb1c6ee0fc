import { createRandom } from '../../core/random.js';
import { evaluateGraph } from '../reference/evaluate.js';
import type { NdArray } from '../reference/ndarray.js';
import { buildCase, type BuiltCase } from './build-case.js';
import type { OperatorCase } from './case.js';

/** Central differences in float64: truncation ~h², rounding ~1e-16/h, so about 1e-10 of either. */
const STEP = 1e-5;
const TOLERANCE = 1e-6;
const DIRECTIONS = 3;

/**
 * Compares the emitted gradient with central differences along random directions of each input.
 *
 * The loss is already a random projection of the outputs, so an error in any element shows with probability 1.
 * @throws Error with both numbers when they disagree
 */
export function checkGradient(c: OperatorCase): void {
  const built = buildCase(c);
  const values = evaluateGraph(built.graph, built.feeds);
  for (const i of c.wrt ?? []) {
    const grad = values.get(`dx${i}`);
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const u = directionOf(built.feeds[`x${i}`], direction);
      const analytic = dot(grad, u);
      const numeric = (lossAt(built, i, u, STEP) - lossAt(built, i, u, -STEP)) / (2 * STEP);
      requireEqual(`${c.name}, input ${i}`, analytic, numeric);
    }
  }
}

function requireEqual(what: string, analytic: number, numeric: number): void {
  const scale = Math.max(Math.abs(analytic), Math.abs(numeric), 1e-2);
  if (Math.abs(analytic - numeric) <= TOLERANCE * scale) return;
  throw new Error(`${what}: the gradient along a direction is ${analytic}, by differences ${numeric}`);
}

function lossAt({ graph, feeds }: BuiltCase, i: number, u: NdArray, step: number): number {
  const x = feeds[`x${i}`];
  const moved = { shape: u.shape, data: u.data.map((d, j) => (x?.data[j] ?? 0) + step * d) };
  return evaluateGraph(graph, { ...feeds, [`x${i}`]: moved }).get('loss')?.data[0] ?? NaN;
}

function directionOf(x: NdArray | undefined, seed: number): NdArray {
  const random = createRandom(seed).fork('direction');
  return { shape: x?.shape ?? [], data: Float64Array.from(x?.data ?? [], () => random.normal()) };
}

function dot(a: NdArray | undefined, b: NdArray): number {
  return b.data.reduce((sum, value, i) => sum + value * (a?.data[i] ?? NaN), 0);
}
