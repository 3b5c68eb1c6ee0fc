import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { float32 } from '../../core/tensor.js';
import type { Graph } from '../../onnx/graph.js';
import { Emitter } from '../../ops/emitter.js';
import { evaluateGraph } from '../../ops/reference/evaluate.js';
import { ndarray, type NdArray } from '../../ops/reference/ndarray.js';
import { operatorsOf, testBuilder } from '../../ops/testing/check-onnx.js';
import { ortNode } from '../../runtime/node/ort.js';
import { encodeModel } from '../../onnx/encode.js';
import { clipGradients, type ClipConfig } from '../clipping.js';
import { optimizerOf, type OptimizerConfig } from './index.js';

interface GoldenOptimizer {
  readonly name: string;
  readonly config: OptimizerConfig;
  readonly clip: ClipConfig;
  /** Learning rate of each step. */
  readonly rates: readonly number[];
  /** Kernel and bias after each step. */
  readonly weights: readonly (readonly number[])[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/optimizers.json', import.meta.url), 'utf8'),
) as {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly cases: readonly GoldenOptimizer[];
};

const KERNEL = 12;
const SIZE = 16;

/** One update of a kernel [3, 4] and a bias [4] as a graph: the bias is spared from decay. */
function updateGraph(config: OptimizerConfig, clip: ClipConfig): Graph {
  const b = testBuilder();
  const o = new Emitter(b);
  const rule = optimizerOf(config);
  const grads = clipGradients(
    o,
    [b.input('kernel', 'float32', [3, 4]), b.input('bias', 'float32', [4])],
    clip,
  );
  const gradient = o.concat(
    grads.map((grad) => o.reshape(grad, [-1])),
    0,
  );
  const next = rule.emit(o, {
    parameters: b.input('parameters', 'float32', [SIZE]),
    gradient,
    state: rule.slots.map((name) => b.input(name, 'float32', [SIZE])),
    scalars: rule.scalars.map((name) => b.input(name, 'float32', [])),
    decayMask: b.initializer(
      'mask',
      float32(
        Array.from({ length: SIZE }, (_, i) => (i < KERNEL ? 1 : 0)),
        [SIZE],
      ),
    ),
  });
  b.output('next_parameters', next.parameters);
  next.state.forEach((value, i) => b.output(`next_${rule.slots[i]!}`, value));
  return b.build();
}

type Engine = (feeds: Readonly<Record<string, NdArray>>) => Promise<ReadonlyMap<string, NdArray>>;

async function onnxRuntime(graph: Graph): Promise<Engine> {
  const session = await ortNode().createSession(encodeModel(graph), { threads: 1 });
  return async (feeds) => {
    const tensors = Object.entries(feeds).map(
      ([name, { shape, data }]) => [name, float32(Float32Array.from(data), shape)] as const,
    );
    const results = await session.run(Object.fromEntries(tensors));
    const arrays = Object.entries(results).map(
      ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data as Float32Array) }] as const,
    );
    return new Map(arrays);
  };
}

/** Largest distance from the golden trajectory, relative to the largest weight. */
async function distance({ config, rates, weights }: GoldenOptimizer, run: Engine): Promise<number> {
  const rule = optimizerOf(config);
  const vector = (data: readonly number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
  let state: Record<string, NdArray> = { parameters: vector(golden.start) };
  for (const slot of rule.slots) state[slot] = ndarray([SIZE]);
  let worst = 0;
  for (const [step, gradient] of golden.gradients.entries()) {
    const scalars = rule.scalarsAt(step + 1, rates[step]!);
    const feeds: Record<string, NdArray> = {
      kernel: { shape: [3, 4], data: Float64Array.from(gradient.slice(0, KERNEL)) },
      bias: vector(gradient.slice(KERNEL)),
      ...state,
      ...Object.fromEntries(rule.scalars.map((name, i) => [name, ndarray([], () => scalars[i]!)])),
    };
    const results = await run(feeds);
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results.get(`next_${name}`)!]));
    const expected = weights[step]!;
    const scale = Math.max(...expected.map(Math.abs));
    expected.forEach(
      (w, i) => (worst = Math.max(worst, Math.abs(state['parameters']!.data[i]! - w) / scale)),
    );
  }
  return worst;
}

describe.each(golden.cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
  const graph = updateGraph(c.config, c.clip);

  it('follows Keras for 20 steps in float64', async () => {
    // Betas, epsilon and limits are float32 constants of the graph: 6e-8 relative, per step.
    expect(await distance(c, (feeds) => Promise.resolve(evaluateGraph(graph, feeds)))).toBeLessThan(1e-6);
  });

  it('follows Keras for 20 steps in ONNX Runtime', async () => {
    // Weights are float32: each of 20 updates rounds by up to 6e-8 of the largest weight.
    expect(await distance(c, await onnxRuntime(graph))).toBeLessThan(1e-6);
  });
});

describe('the golden trajectories', () => {
  it('tell the variants apart', () => {
    const ends = golden.cases.map((c) => c.weights.at(-1)!);
    for (const [i, a] of ends.entries()) {
      for (const [j, b] of ends.slice(0, i).entries()) {
        const farthest = Math.max(...a.map((w, k) => Math.abs(w - b[k]!)));
        // AdamW without decay is Adam.
        const same = golden.cases[i]!.name === 'AdamW without decay' && golden.cases[j]!.name === 'Adam';
        if (!same)
          expect(farthest, `${golden.cases[i]!.name} and ${golden.cases[j]!.name}`).toBeGreaterThan(1e-4);
      }
    }
  });
});

describe('graphs', () => {
  it('have no state, decay or clipping that is not asked for', () => {
    expect(optimizerOf({ name: 'sgd' }).slots).toEqual([]);
    expect(optimizerOf({ name: 'adamw', weightDecay: 0 }).scalars).toEqual(['rate']);
    expect(operatorsOf(updateGraph({ name: 'sgd' }, {}))).not.toContain('ReduceSumSquare');
  });
});

describe('clipGradients', () => {
  const clipped = (clip: ClipConfig, a: readonly number[], b: readonly number[]) => {
    const builder = testBuilder();
    const values = [builder.input('a', 'float32', [a.length]), builder.input('b', 'float32', [b.length, 1])];
    clipGradients(new Emitter(builder), values, clip).forEach((value, i) => builder.output(`y${i}`, value));
    const feeds = {
      a: { shape: [a.length], data: Float64Array.from(a) },
      b: { shape: [b.length, 1], data: Float64Array.from(b) },
    };
    const results = evaluateGraph(builder.build(), feeds);
    return ['y0', 'y1'].map((name) => [...results.get(name)!.data]);
  };

  it('scales each variable by its own norm', () => {
    expect(clipped({ clipnorm: 2 }, [3, -4], [0, 1])).toEqual([
      [expect.closeTo(1.2, 6), expect.closeTo(-1.6, 6)],
      [0, 1],
    ]);
  });

  it('scales all by the norm of all', () => {
    expect(clipped({ globalClipnorm: 6.5 }, [3, -4], [0, 12])).toEqual([
      [expect.closeTo(1.5, 6), expect.closeTo(-2, 6)],
      [0, expect.closeTo(6, 6)],
    ]);
  });

  it('leaves zeros and what is within the limit as they are', () => {
    expect(clipped({ clipnorm: 5 }, [3, -4], [0, 0])).toEqual([
      [3, -4],
      [0, 0],
    ]);
    expect(clipped({ globalClipnorm: 1 }, [0, 0], [0, 0])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(clipped({}, [30, -40], [5, 0])).toEqual([
      [30, -40],
      [5, 0],
    ]);
  });
});
