import { join } from 'node:path';

import { writeFileAtomic } from '../src/core/files.js';
import { renderPng } from '../src/evaluate/charts/render.js';
import { SIZES } from './cases.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import { memoryChart, type MemorySample } from './memory-chart.js';
import { progress, runBench, type Settings } from './options.js';
import { mean } from './statistics.js';
import { trainOnNoise } from './training.js';

const DESCRIPTION = `Resident memory of the whole process while MobileNetV3-Small trains, batch ${SIZES.batch}, ${SIZES.size}×${SIZES.size}:
worker thread, augmentation, engine and JavaScript heap included.`;

const OPTIONS = {
  steps: { help: 'training steps', default: '5000' },
  threads: { help: 'threads of the engine', default: '2' },
  out: { help: 'folder for memory.png and memory.csv', default: 'runs/bench-memory' },
};

const STEPS_PER_EPOCH = 250;
/** Steps between two samples. */
const EVERY = 5;
/** Highest spread of the epochs' means that the project promises, in MB. */
const BAR = 20;

await runBench(DESCRIPTION, OPTIONS, measure);

async function measure(settings: Settings) {
  const machine = await lookAtMachine(settings.count('threads'));
  const epochs = Math.ceil(settings.count('steps') / STEPS_PER_EPOCH);
  const samples = await sample(machine, epochs);
  const summary = summaryOf(samples);
  const out = settings.text('out') ?? '.';
  writeFileAtomic(join(out, 'memory.csv'), csvOf(samples));
  writeFileAtomic(join(out, 'memory.png'), renderPng(memoryChart(samples, textOf(summary))));
  const row = { case: 'memory', ...summary, bar: BAR };
  const { threads, versions } = { threads: settings.count('threads'), versions: ownVersions(machine) };
  return {
    json: { cpu: cpuName(), threads, versions, rows: [row] },
    text: `${textOf(summary)}\nwritten: ${join(out, 'memory.png')}, memory.csv`,
  };
}

async function sample(machine: Awaited<ReturnType<typeof lookAtMachine>>, epochs: number) {
  const samples: MemorySample[] = [];
  let step = 0;
  await trainOnNoise(machine, {
    work: 'full',
    epochs,
    stepsPerEpoch: STEPS_PER_EPOCH,
    hooks: {
      onProgress: () => {
        if (++step % EVERY === 0) samples.push({ step, megabytes: process.memoryUsage.rss() / 1e6 });
      },
      onEpoch: ({ epoch, seconds }) => {
        const rss = samples.at(-1)?.megabytes.toFixed(0) ?? '';
        progress(`epoch ${epoch} of ${epochs}: ${seconds.toFixed(1)} s, ${rss} MB`);
      },
    },
  });
  return samples;
}

/** Resident memory in MB: means over an epoch each, the first one (pools fill) left out. */
interface MemorySummary {
  readonly steps: number;
  readonly startMB: number;
  readonly endMB: number;
  /** Highest mean less lowest mean. */
  readonly spreadMB: number;
  /** Lowest and highest single sample: Node's heap for young objects fills and is emptied all the time. */
  readonly rangeMB: readonly [number, number];
}

function summaryOf(samples: readonly MemorySample[]): MemorySummary {
  const settled = samples.filter(({ step }) => step > STEPS_PER_EPOCH).map(({ megabytes }) => megabytes);
  const size = STEPS_PER_EPOCH / EVERY;
  const count = Math.max(1, Math.floor(settled.length / size));
  const means = Array.from({ length: count }, (_, i) => mean(settled.slice(i * size, (i + 1) * size)));
  return {
    steps: samples.at(-1)?.step ?? 0,
    startMB: means[0] ?? NaN,
    endMB: means.at(-1) ?? NaN,
    spreadMB: Math.max(...means) - Math.min(...means),
    rangeMB: [Math.min(...settled), Math.max(...settled)],
  };
}

function textOf({ steps, startMB, endMB, spreadMB, rangeMB: [low, high] }: MemorySummary): string {
  const spread = `means of ${STEPS_PER_EPOCH} steps within ${spreadMB.toFixed(1)} MB (bar: ${BAR})`;
  const range = `single samples ${low.toFixed(0)}–${high.toFixed(0)} MB`;
  return `${steps} steps: ${startMB.toFixed(0)} → ${endMB.toFixed(0)} MB, ${spread}, ${range}`;
}

function csvOf(samples: readonly MemorySample[]): string {
  return ['step,rss_mb', ...samples.map(({ step, megabytes }) => `${step},${megabytes.toFixed(2)}`), ''].join(
    '\n',
  );
}
