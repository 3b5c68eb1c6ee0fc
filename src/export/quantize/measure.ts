import { bestOf } from '../../core/rows.js';
import { quantizedGraph } from '../onnx/qdq.js';
import { programGraph } from '../onnx/write-onnx.js';
import type { Program } from '../program/program.js';
import { floatsOf, runOver, withGraph, type GraphEngine, type PictureSource } from './engine.js';
import type { QuantizedProgram } from './quantized-program.js';

/** How near a quantized program comes to the float one on the same pictures. */
export interface Agreement {
  /** Signal-to-noise ratio of the outputs, in dB. */
  readonly snr: number;
  /** Share of pictures whose largest output is the same, in [0, 1]. */
  readonly same: number;
}

/** Outputs `[pictures, classes]` of a program of one output. */
export interface Outputs {
  readonly values: Float32Array;
  readonly classes: number;
}

/** Runs a float program. */
export function floatOutputs(engine: GraphEngine, program: Program, source: PictureSource): Promise<Outputs> {
  return collect(engine, programGraph(program, 'float32'), source);
}

/** Runs a quantized program as the runtime's integer kernels do. */
export function quantizedOutputs(
  engine: GraphEngine,
  quantized: QuantizedProgram,
  source: PictureSource,
): Promise<Outputs> {
  return collect(engine, quantizedGraph(quantized), source);
}

async function collect(
  engine: GraphEngine,
  graph: Parameters<typeof runOver>[1],
  source: PictureSource,
): Promise<Outputs> {
  const parts: Float32Array[] = [];
  const output = graph.outputs[0];
  await runOver(engine, graph, source, ({ outputs }) => {
    parts.push(floatsOf(outputs[output?.name ?? '']));
  });
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    values.set(part, place);
    place += part.length;
  }
  return { values, classes: output?.shape.at(-1) ?? 1 };
}

/** Compares outputs on the same pictures. */
export function compareOutputs(found: Outputs, exact: Outputs): Agreement {
  const [a, b] = [largestOf(found), largestOf(exact)];
  const noise = new Noise();
  noise.add(found.values, exact.values);
  const same = a.filter((winner, i) => winner === b[i]).length / Math.max(1, a.length);
  return { snr: noise.snr, same };
}

/** Index of the largest output of each picture. */
function largestOf({ values, classes }: Outputs): number[] {
  return Array.from({ length: values.length / classes }, (_, row) => bestOf(values, row, classes));
}

/** Sums signal and noise. */
class Noise {
  private signal = 0;
  private noise = 0;

  add(found: Float32Array, exact: Float32Array): void {
    for (let i = 0; i < exact.length; i++) {
      const value = exact[i] ?? 0;
      const error = (found[i] ?? NaN) - value;
      this.signal += value * value;
      this.noise += error * error;
    }
  }

  /** In dB, at most 120; 0 for a value that is always 0. */
  get snr(): number {
    if (this.signal === 0) return this.noise === 0 ? 120 : 0;
    return Math.min(120, 10 * Math.log10(this.signal / Math.max(this.noise, 1e-30)));
  }
}

/** Signal-to-noise ratio of every value that a step makes, errors of all steps before it included. */
export async function noiseByStep(
  engine: GraphEngine,
  quantized: QuantizedProgram,
  source: PictureSource,
): Promise<Map<string, number>> {
  const outputs = quantized.program.steps.map(({ output }) => ({ name: output, value: output }));
  const program = { ...quantized.program, outputs };
  const noises = new Map(outputs.map(({ name }) => [name, new Noise()]));
  const graphs = [programGraph(program, 'float32'), quantizedGraph({ ...quantized, program })] as const;
  // Batch by batch, so that only one batch's values are held.
  await withGraph(engine, graphs[1], (run) =>
    runOver(engine, graphs[0], source, async ({ input, outputs: exact }) => {
      const found = await run(input);
      for (const [name, noise] of noises) noise.add(floatsOf(found[name]), floatsOf(exact[name]));
    }),
  );
  return new Map([...noises].map(([name, noise]) => [name, noise.snr]));
}
