import { SIZES, type Case } from './cases.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import { progress, runBench, type Settings } from './options.js';
import { median } from './statistics.js';
import { compileCase, type Machine } from './stepper.js';
import { trainOnNoise } from './training.js';

const DESCRIPTION = `Images per second of real training (batches augmented ahead in a worker thread on the same cores)
against the bare step on data that is ready, MobileNetV3-Small, batch ${SIZES.batch}, 48×48 grey to ${SIZES.size}×${SIZES.size}.`;

const OPTIONS = {
  rounds: { help: 'turns of both', default: '5' },
  steps: { help: 'measured steps in a turn', default: '40' },
  threads: { help: 'threads of the engine', default: '2' },
};

/** Uncounted steps at the start of a turn: the batches made ahead are used up, thread pools wake up. */
const WARM_UP = 8;

/** What is measured; `bar` is the lowest share of the bare step's rate that the project promises. */
const PIPELINES = [
  { name: 'pipeline-full', work: 'full', bar: 0.8 },
  { name: 'pipeline-frozen', work: 'frozen', bar: 0.5 },
] as const;

/** Medians in milliseconds per step, and the share of the bare step's images per second that training reaches. */
interface PipelineRow {
  readonly case: string;
  readonly mienMs: number;
  readonly peerMs: number;
  readonly peer: 'bare step';
  readonly ratio: number;
  readonly imagesPerSecond: number;
  readonly bareImagesPerSecond: number;
  readonly bar: number;
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const threads = settings.count('threads');
  const machine = await lookAtMachine(threads);
  const rows: PipelineRow[] = [];
  for (const pipeline of PIPELINES) rows.push(await measure(machine, pipeline, settings));
  return { json: { cpu: cpuName(), threads, versions: ownVersions(machine), rows }, text: tableOf(rows) };
});

async function measure(
  machine: Machine,
  { name, work, bar }: (typeof PIPELINES)[number],
  settings: Settings,
): Promise<PipelineRow> {
  const steps = settings.count('steps');
  const bare: number[] = [];
  const real: number[] = [];
  for (let round = 1; round <= settings.count('rounds'); round++) {
    progress(`${name}: round ${round}`);
    bare.push(await bareStep(machine, { name, work, kernels: 'fast', pixels: true }, steps));
    real.push(await realStep(machine, work, steps));
  }
  const [mienMs, peerMs] = [median(real), median(bare)];
  const rate = (ms: number) => (1000 * SIZES.batch) / ms;
  return {
    case: name,
    mienMs,
    peerMs,
    peer: 'bare step',
    ratio: median(real.map((ms, i) => (bare[i] ?? NaN) / ms)),
    imagesPerSecond: rate(mienMs),
    bareImagesPerSecond: rate(peerMs),
    bar,
  };
}

/** Mean milliseconds of a step on repeated data. */
async function bareStep(machine: Machine, measured: Case, steps: number): Promise<number> {
  const repeatable = await compileCase(machine, measured);
  for (let i = 0; i < WARM_UP; i++) await repeatable.once();
  const start = performance.now();
  for (let i = 0; i < steps; i++) await repeatable.once();
  const milliseconds = (performance.now() - start) / steps;
  await repeatable.close();
  return milliseconds;
}

/** Mean milliseconds of a step inside a training, waiting for batches included. */
async function realStep(machine: Machine, work: 'full' | 'frozen', steps: number): Promise<number> {
  let [done, start, end] = [0, 0, 0];
  const onProgress = () => {
    done++;
    if (done === WARM_UP) start = performance.now();
    if (done === WARM_UP + steps) end = performance.now();
  };
  await trainOnNoise(machine, { work, epochs: 1, stepsPerEpoch: WARM_UP + steps, hooks: { onProgress } });
  return (end - start) / steps;
}

function tableOf(rows: readonly PipelineRow[]): string {
  const lines = rows.map(({ case: name, mienMs, peerMs, ratio, bar, ...rates }) =>
    [
      name,
      `${mienMs.toFixed(1)} ms, ${rates.imagesPerSecond.toFixed(0)} images/s`,
      `${peerMs.toFixed(1)} ms, ${rates.bareImagesPerSecond.toFixed(0)} images/s`,
      ratio.toFixed(2),
      `≥ ${bar}`,
    ].join(' | '),
  );
  const header = ['case | training | bare step | share | bar', '--- | --- | --- | --- | ---'];
  return [...header, ...lines].map((line) => `| ${line} |`).join('\n');
}
