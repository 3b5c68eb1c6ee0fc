import { createRandom } from '../src/core/random.js';
import { float32 } from '../src/core/tensor.js';
import type { Batch } from '../src/data/batches.js';
import { kernelsFor } from '../src/lower/kernels.js';
import { withHead } from '../src/models/head.js';
import { initialWeights } from '../src/models/model.js';
import { buildNet, netNames, type NetName } from '../src/models/nets.js';
import { INPUTS, preprocessingOf } from '../src/models/weights/records.js';
import { encodeModel } from '../src/onnx/encode.js';
import { buildInference } from '../src/predict/inference.js';
import { Stepper } from '../src/train/stepper.js';
import { applyTrainable } from '../src/train/trainable.js';
import type { Timed } from './cases.js';
import { comparisonTable, reportOf, type Comparison } from './comparison.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import { HEAD_START } from './net.js';
import { runBench, type Settings } from './options.js';
import { findPython, startPeer } from './peers.js';
import type { Machine, Repeatable } from './stepper.js';
import { chosen, takeTurns, today } from './turns.js';

const DESCRIPTION = `Times training steps and predictions of every net against Keras's application of the same name on the same
cores, in turns: everything trains, Adam, pooling, dropout .2 and a dense layer as head, float32.`;

const PEER = 'applications';
const KINDS = ['train', 'inference'] as const;
type Kind = (typeof KINDS)[number];

/** No net trains slower than Keras, and predictions take at most so much of its time. */
const BARS: Readonly<Record<Kind, number>> = { train: 1, inference: 0.6 };
const CLASSES = 5;

const OPTIONS = {
  python: { help: 'Python that has Keras and TensorFlow; else MIEN_PYTHON, else python3' },
  nets: { help: 'comma-separated', default: netNames.join(',') },
  kinds: { help: 'comma-separated', default: KINDS.join(',') },
  size: { help: 'side of the pictures in pixels', default: '96' },
  batch: { help: 'pictures per step', default: '16' },
  rounds: { help: 'turns of every side', default: '5' },
  steps: { help: 'measured steps in a turn', default: '5' },
  threads: { help: 'threads of every side', default: '2' },
};

interface NetCase extends Timed {
  readonly net: NetName;
  readonly kind: Kind;
}

interface Sizes {
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const comparison = await compare(settings);
  return { json: reportOf(comparison), text: comparisonTable(comparison) };
});

async function compare(settings: Settings): Promise<Comparison> {
  const threads = settings.count('threads');
  const sizes = { size: settings.count('size'), batch: settings.count('batch'), classes: CLASSES };
  const cases = casesOf(settings);
  const python = findPython(settings.text('python') ?? process.env['MIEN_PYTHON'], [PEER]);
  const machine = await lookAtMachine(threads);
  const peer = await startPeer(PEER, python, threads, sizes);
  try {
    const contests = cases.map((measured) => ({
      name: measured.name,
      work: `${measured.kind}:${measured.net}`,
      compile: () => compile(machine, measured, sizes),
    }));
    const turns = await takeTurns(contests, [peer], settings);
    const kernels = new Map(cases.map(({ name, kind }) => [name, kernelsOf(machine, kind, sizes).kind]));
    const versions = { ...ownVersions(machine), ...peer.versions };
    const common = { cpu: cpuName(), threads, versions, date: today() };
    return { ...common, cases, peers: [PEER], judge: PEER, kernels, turns };
  } finally {
    peer.close();
  }
}

function casesOf(settings: Settings): NetCase[] {
  const kinds = chosen(settings, 'kinds', KINDS);
  return chosen(settings, 'nets', netNames).flatMap((net) =>
    kinds.map((kind) => ({ name: `${kind}-${net}`, net, kind, bar: BARS[kind] })),
  );
}

function kernelsOf({ block }: Machine, kind: Kind, { batch }: Sizes) {
  return kind === 'train' ? kernelsFor(block, batch) : ({ kind: 'portable' } as const);
}

async function compile(machine: Machine, { net, kind }: NetCase, sizes: Sizes): Promise<Repeatable> {
  const { size, batch } = sizes;
  const backbone = buildNet(net, { inputShape: [size, size, 3] });
  const graph = withHead(backbone, { kind: 'light', classes: CLASSES });
  const model = {
    graph,
    weights: initialWeights(graph, createRandom(1)),
    // Pictures as they are.
    preprocessing: preprocessingOf(INPUTS['raw'] ?? fail(), { inputSize: [size, size] }),
    batchSize: batch,
    pictureShape: [3, size, size] as const,
  };
  const batches = [0, 1, 2, 3].map((index) => batchOf(index, sizes));
  const turn = (count: number) => batches[count % batches.length] ?? fail();
  if (kind === 'inference') {
    const session = await machine.runtime.createSession(encodeModel(buildInference(model)));
    let count = 0;
    const once = () => session.run({ x: float32(turn(count++).x, [batch, 3, size, size]) });
    return { once, close: () => session.close() };
  }
  applyTrainable(graph, HEAD_START, { layers: 'all', batchNorm: 'trainable' });
  const stepper = await Stepper.create(machine.runtime, kernelsOf(machine, kind, sizes), {
    ...model,
    loss: { name: 'categoricalCrossentropy' },
    optimizer: { name: 'adam' },
  });
  let step = 0;
  const once = () => {
    const random = createRandom(5).fork('step', step);
    const pictures = turn(step++);
    return stepper.run(pictures, { step, learningRate: 1e-3, averageDecay: 0, random });
  };
  return { once, close: () => stepper.close() };
}

/** Noise under labels in turn. */
function batchOf(index: number, { size, batch, classes }: Sizes): Batch {
  const random = createRandom(3).fork('batch', index);
  const x = Float32Array.from({ length: batch * 3 * size * size }, () => random.normal());
  const y = Float32Array.from({ length: batch * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  return { x, y, weight: new Float32Array(batch).fill(1), count: batch };
}

function fail(): never {
  throw new RangeError('nothing to take turns with');
}
