import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defaultClasses, imageCount, type ImageSet } from '../src/data/images.js';
import { computeMetrics, type Metrics } from '../src/evaluate/metrics.js';
import { loadClasses } from '../src/jobs/load-classes.js';
import { ownContestant, peerContestants, type Contestant } from './contestants.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import type { Machine } from './stepper.js';
import { progress, runBench, type Settings } from './options.js';
import { median, summary, type Summary } from './statistics.js';
import { today } from './turns.js';

const DESCRIPTION = `Expression models of JavaScript packages (@vladmandic/human, @vladmandic/face-api) and Mien's on the
same test pictures: accuracy over five classes (argmax over the five, whatever else a model knows), file size, and
milliseconds per picture at batch 1, in turns, from grey pixels to probabilities. The peers run by TensorFlow.js's
WebAssembly backend, their own choice for Node without native code; Mien by ONNX Runtime.`;

const OPTIONS = {
  data: { help: 'folder with test/<class>/, such as FER2013', default: 'fer2013' },
  models: { help: "comma-separated models of Mien's: shipped names, runs or files", default: 'mien' },
  folder: { help: 'folder in which the peers are or get installed by npm', default: 'work/expression-peers' },
  threads: { help: 'threads of every side', default: '2' },
  rounds: { help: 'turns of every side', default: '5' },
  steps: { help: 'measured pictures in a turn', default: '40' },
  limit: { help: 'only so many pictures, evenly chosen; 0 for all', default: '0' },
};

interface Row {
  readonly model: string;
  readonly engine: string;
  readonly bytes: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly macroAccuracy: number;
  readonly perClass: Readonly<Record<string, number | null>>;
  readonly ms: Summary;
  /** The first model's median time divided by this one's. */
  readonly ratio: number;
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const machine = await lookAtMachine(settings.count('threads'));
  const images = await testPictures(settings);
  const folder = mkdtempSync(join(tmpdir(), 'mien-expressions-'));
  try {
    const contestants = await contestantsOf(machine, images, folder, settings);
    const rows = await measure(contestants, images, settings);
    for (const contestant of contestants) await contestant.close();
    const common = { cpu: cpuName(), threads: settings.count('threads'), versions: ownVersions(machine) };
    return { json: { ...common, date: today(), images: imageCount(images), rows }, text: tableOf(rows) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function testPictures(settings: Settings): Promise<ImageSet> {
  const { images } = await loadClasses({
    data: settings.text('data') ?? '',
    split: 'test',
    classes: defaultClasses,
    sourceSize: [48, 48],
    colour: 'grey',
  });
  return images;
}

async function contestantsOf(machine: Machine, images: ImageSet, folder: string, settings: Settings) {
  const names = (settings.text('models') ?? '').split(',');
  const own: Contestant[] = [];
  for (const name of names) own.push(await ownContestant(name, machine, images));
  const peers = await peerContestants(images, {
    folder: settings.text('folder') ?? '',
    threads: settings.count('threads'),
    scratch: folder,
  });
  return [...own, ...peers];
}

async function measure(
  contestants: readonly Contestant[],
  images: ImageSet,
  settings: Settings,
): Promise<Row[]> {
  const indices = chosenPictures(images, Number(settings.text('limit')));
  const metrics: Metrics[] = [];
  for (const contestant of contestants) metrics.push(await ask(contestant, images, indices));
  const times = await takeTurns(contestants, settings);
  const first = median(times[0] ?? []);
  return contestants.map(({ name, engine, bytes }, i): Row => {
    const { accuracy, interval, macroAccuracy, perClass } = metrics[i] as Metrics;
    const figures = Object.fromEntries(
      Object.entries(perClass).map(([label, { accuracy: share }]) => [label, share]),
    );
    const ms = summary(times[i] ?? []);
    const ratio = first / median(times[i] ?? []);
    return { model: name, engine, bytes, accuracy, interval, macroAccuracy, perClass: figures, ms, ratio };
  });
}

function chosenPictures(images: ImageSet, limit: number): number[] {
  const all = [...images.labels.keys()];
  if (limit === 0 || limit >= all.length) return all;
  return Array.from({ length: limit }, (_, i) => Math.floor((i * all.length) / limit));
}

async function ask(contestant: Contestant, images: ImageSet, indices: readonly number[]): Promise<Metrics> {
  const rows: number[] = [];
  for (const [done, index] of indices.entries()) {
    if (done % 200 === 0) progress(`${contestant.name}: picture ${done + 1} of ${indices.length}`);
    rows.push(...overFive(await contestant.answer(index), contestant.classes));
  }
  const labels = Int32Array.from(indices, (index) => images.labels[index] ?? 0);
  return computeMetrics({ labels, probabilities: Float32Array.from(rows), classes: defaultClasses });
}

/** The five classes' probabilities, made to sum to 1. */
function overFive(answer: readonly number[], classes: readonly string[]): number[] {
  const five = defaultClasses.map((name) => answer[classes.indexOf(name)] ?? 0);
  const sum = five.reduce((a, b) => a + b, 0);
  return five.map((p) => (sum > 0 ? p / sum : 1 / five.length));
}

async function takeTurns(contestants: readonly Contestant[], settings: Settings): Promise<number[][]> {
  const times = contestants.map((): number[] => []);
  const [rounds, steps] = [settings.count('rounds'), settings.count('steps')];
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const [i, contestant] of contestants.entries()) {
      const ms = await contestant.times(steps);
      if (round > 0) times[i]?.push(...ms);
    }
  }
  return times;
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ model, engine, bytes, accuracy, interval, macroAccuracy, ms, ratio }) =>
    [
      model,
      engine,
      `${(bytes / 1e6).toFixed(2)} MB`,
      `${accuracy.toFixed(4)} (${interval.map((p) => p.toFixed(3)).join('–')})`,
      macroAccuracy.toFixed(4),
      `${ms.median.toFixed(1)} ms`,
      ratio.toFixed(2),
    ].join(' | '),
  );
  const header = [
    'model | engine | file | accuracy | macro | per picture | first row against this',
    '--- | --- | --- | --- | --- | --- | ---',
  ];
  return [...header, ...lines].map((line) => `| ${line} |`).join('\n');
}
