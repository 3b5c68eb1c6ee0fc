import { createRandom } from '../src/core/random.js';
import { float32, sizeOf } from '../src/core/tensor.js';
import type { Batch } from '../src/data/batches.js';
import { kernelsFor, type KernelSet } from '../src/lower/kernels.js';
import { encodeModel } from '../src/onnx/encode.js';
import { buildInference } from '../src/predict/inference.js';
import type { Runtime } from '../src/runtime/session.js';
import { Stepper } from '../src/train/stepper.js';
import { SIZES, type Case } from './cases.js';
import { netFor, normalizedInput, pixelInput } from './net.js';

/** Something that is done again and again: a training step, or the predictions of a batch. */
export interface Repeatable {
  once(): Promise<unknown>;
  close(): Promise<void>;
}

/** What Mien's side needs to know of the machine. */
export interface Machine {
  readonly runtime: Runtime;
  /** Channels per block of the fast kernels, or undefined. */
  readonly block: number | undefined;
}

/** Different pictures that are taken in turn. */
const BATCHES = 4;

/** Compiles a case. */
export function compileCase(machine: Machine, measured: Case): Promise<Repeatable> {
  return measured.work === 'inference' ? predictions(machine, measured) : trainingSteps(machine, measured);
}

/** The kernels that a case really runs on. */
export function kernelsOf({ block }: Machine, { kernels }: Case): KernelSet {
  return kernels === 'fast' ? kernelsFor(block, SIZES.batch) : { kind: kernels };
}

/** The step that a training runs, dropout masks and reading of the loss included. */
async function trainingSteps(machine: Machine, measured: Case): Promise<Repeatable> {
  const stepper = await Stepper.create(machine.runtime, kernelsOf(machine, measured), {
    ...netFor(measured.work),
    ...inputOf(measured),
    batchSize: SIZES.batch,
    loss: { name: 'categoricalCrossentropy' },
    optimizer: { name: 'adam' },
  });
  const batches = batchesOf(measured);
  let step = 0;
  const once = () => {
    const random = createRandom(5).fork('step', step);
    const batch = turn(batches, step++);
    return stepper.run(batch, { step, learningRate: 1e-3, averageDecay: 0, random });
  };
  return { once, close: () => stepper.close() };
}

async function predictions(machine: Machine, measured: Case): Promise<Repeatable> {
  const { preprocessing, pictureShape } = inputOf(measured);
  const net = netFor(measured.work);
  const graph = buildInference({ ...net, preprocessing, pictureShape, batchSize: SIZES.batch });
  const session = await machine.runtime.createSession(encodeModel(graph));
  const batches = batchesOf(measured);
  let count = 0;
  const once = () => session.run({ x: float32(turn(batches, count++).x, [SIZES.batch, ...pictureShape]) });
  return { once, close: () => session.close() };
}

function inputOf({ pixels }: Case) {
  return pixels === true
    ? { preprocessing: pixelInput(), pictureShape: [1, 48, 48] as const }
    : { preprocessing: normalizedInput(), pictureShape: [3, SIZES.size, SIZES.size] as const };
}

function batchesOf(measured: Case): Batch[] {
  return Array.from({ length: BATCHES }, (_, i) => batchOf(measured, i));
}

/** Noise under labels in turn. */
export function batchOf(measured: Case, index: number): Batch {
  const { batch, classes } = SIZES;
  const random = createRandom(3).fork('batch', index);
  const draw = measured.pixels === true ? () => 255 * random.uniform() : () => random.normal();
  const x = Float32Array.from({ length: batch * sizeOf(inputOf(measured).pictureShape) }, draw);
  const y = Float32Array.from({ length: batch * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  return { x, y, weight: new Float32Array(batch).fill(1), count: batch };
}

function turn<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to take turns with');
  return item;
}
