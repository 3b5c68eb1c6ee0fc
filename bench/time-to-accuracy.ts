import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { UsageError } from '../src/core/errors.js';
import { imageCount, type ImageSet } from '../src/data/images.js';
import { loadClasses } from '../src/jobs/load-classes.js';
import { loadTraining } from '../src/jobs/load-training.js';
import { parseSettings, type TrainSettings } from '../src/jobs/settings.js';
import { splitImages } from '../src/jobs/split-images.js';
import { buildNet } from '../src/models/nets.js';
import { loadWeights } from '../src/models/weights/load.js';
import { findRecord } from '../src/models/weights/records.js';
import { medianTime, race, type Race } from './accuracy-race.js';
import { cpuName } from './machine.js';
import { progress, runBench, type Settings } from './options.js';
import { findPython } from './peers.js';
import { chosen, today } from './turns.js';

const DESCRIPTION = `Trains MobileNetV3-Small from ImageNet weights to an accuracy on the validation part, by Mien and by PyTorch
in turns: the same pictures, division, starting weights, recipe, batch size and threads. Each side is a process of its own;
times end with the first epoch that reaches the target, its validation included. Pictures are decoded beforehand for both.
Mien augments in a thread of its own beside the engine's; PyTorch in whole batches.`;

const OPTIONS = {
  data: { help: 'folder with train/<class>/ and test/<class>/, such as FER2013', default: 'fer2013' },
  settings: { help: 'settings of the training', default: 'examples/settings/time-to-accuracy.yaml' },
  weights: { help: "folder with torchvision's weights in Keras's layout", default: 'weights' },
  sides: { help: 'comma-separated', default: 'mien,torch' },
  seeds: { help: 'comma-separated', default: '1,2,3' },
  target: { help: 'validation accuracy', default: '0.7492' },
  threads: { help: 'threads of every side', default: '2' },
  python: { help: 'Python that has PyTorch; else MIEN_PYTHON, else python3' },
};

const SIDES = ['mien', 'torch'] as const;

interface Contest {
  readonly settings: TrainSettings;
  readonly images: ImageSet;
  readonly test: ImageSet;
  readonly folder: string;
  readonly weightsDir: string;
  readonly threads: number;
  readonly target: number;
}

await runBench(DESCRIPTION, OPTIONS, async (options) => {
  const sides = chosen(options, 'sides', SIDES);
  const python = sides.includes('torch')
    ? findPython(options.text('python') ?? process.env['MIEN_PYTHON'], ['torch'])
    : '';
  const seeds = seedsOf(options);
  const folder = mkdtempSync(join(tmpdir(), 'mien-accuracy-'));
  try {
    const contest = await prepare(options, folder);
    const races: Race[] = [];
    for (const seed of seeds) {
      for (const side of sides) {
        progress(`${side}, seed ${seed}`);
        const command =
          side === 'mien' ? mienCommand(contest, seed) : await torchCommand(contest, seed, python);
        races.push(await race({ side, seed, command, target: contest.target }));
      }
    }
    return { json: reportOf(contest, races), text: textOf(contest, races) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function seedsOf(options: Settings): number[] {
  const seeds = (options.text('seeds') ?? '').split(',').map(Number);
  if (seeds.every((seed) => Number.isInteger(seed) && seed >= 0)) return seeds;
  const received = `"${options.text('seeds') ?? ''}"`;
  throw new UsageError({ where: '--seeds', received, expected: 'whole numbers, separated by commas' });
}

/** Decodes all pictures into Mien's cache, and writes what PyTorch reads. */
async function prepare(options: Settings, folder: string): Promise<Contest> {
  const path = options.text('settings') ?? '';
  const data = resolve(options.text('data') ?? '');
  const settings = { ...parseSettings(readFileSync(path, 'utf8'), path), data };
  progress('reading pictures');
  const cacheDir = join(folder, 'cache');
  const images = await loadTraining(settings, cacheDir, {});
  const form = { sourceSize: [images.height, images.width], colour: 'grey', cacheDir } as const;
  const { images: test } = await loadClasses({ data, split: 'test', classes: settings.classes, ...form });
  const weightsDir = resolve(options.text('weights') ?? '');
  const [threads, target] = [options.count('threads'), Number(options.text('target'))];
  return { settings, images, test, folder, weightsDir, threads, target };
}

function mienCommand({ folder, settings, ...contest }: Contest, seed: number): [string, ...string[]] {
  const work = {
    ...{ settings: { ...settings, seed }, threads: contest.threads, weightsDir: contest.weightsDir },
    ...{ out: join(folder, `run-${seed}`), cacheDir: join(folder, 'cache') },
  };
  const path = join(folder, `mien-${seed}.json`);
  writeFileSync(path, JSON.stringify(work));
  return [process.execPath, fileURLToPath(new URL('./accuracy-child.js', import.meta.url)), path];
}

async function torchCommand(contest: Contest, seed: number, python: string): Promise<[string, ...string[]]> {
  const { folder, settings, images, test, threads } = contest;
  const { train, validation } = splitImages(images, settings.recipe, seed);
  const first = imageCount(images);
  const files = {
    pictures: Buffer.concat([images.pixels, test.pixels]),
    labels: Int32Array.from([...images.labels, ...test.labels]),
    train: Int32Array.from(train),
    validation: Int32Array.from(validation),
    test: Int32Array.from(test.labels.keys(), (image) => first + image),
  };
  for (const [name, values] of Object.entries(files)) writeFileSync(join(folder, `${name}.bin`), values);
  const work = {
    ...{ threads, seed, folder, side: images.height, recipe: settings.recipe },
    ...{ classes: settings.classes.length, weights: await writeWeights(contest) },
  };
  const path = join(folder, `torch-${seed}.json`);
  writeFileSync(path, JSON.stringify(work));
  const script = fileURLToPath(new URL('../../bench/peers/torch_accuracy.py', import.meta.url));
  return [python, '-u', script, path];
}

/** The backbone's weights in the order of its layers; returns their names and shapes. */
async function writeWeights({ folder, settings, weightsDir }: Contest): Promise<[string, number[]][]> {
  const record = findRecord(settings.model, settings.weights);
  const side = settings.recipe.inputSize;
  const graph = buildNet('mobileNetV3Small', { inputShape: [side, side, 3], weights: record });
  const weights = await loadWeights(graph, record, { folder: weightsDir });
  const slots = graph.weightSlots;
  const values = slots.map(({ key }) =>
    Buffer.from((weights.get(key) ?? new Float32Array(0)).slice().buffer),
  );
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(values));
  return slots.map(({ key, spec }) => [key, [...spec.shape]]);
}

function reportOf({ settings, threads, target }: Contest, races: readonly Race[]): object {
  return {
    ...{ version: 1, date: today(), cpu: cpuName(), node: process.versions.node, threads, target },
    ...{ recipe: settings.recipe, races, medians: mediansOf(races), ratio: ratioOf(races), bar: 0.5 },
  };
}

function mediansOf(races: readonly Race[]) {
  const sides = [...new Set(races.map(({ side }) => side))];
  return sides.map((side) => {
    const own = races.filter((one) => one.side === side);
    return {
      side,
      secondsFromStart: medianTime(own.map((one) => one.secondsFromStart)),
      secondsFromFirstStep: medianTime(own.map((one) => one.secondsFromFirstStep)),
    };
  });
}

/** Mien's median time from the start of the process as a share of PyTorch's; null where one did not get there. */
function ratioOf(races: readonly Race[]): number | null {
  const of = (side: string) => mediansOf(races).find((one) => one.side === side)?.secondsFromStart ?? null;
  const [mien, torch] = [of('mien'), of('torch')];
  return mien === null || torch === null ? null : mien / torch;
}

function textOf({ target, threads }: Contest, races: readonly Race[]): string {
  const time = (seconds: number | null) => (seconds === null ? 'never' : `${seconds.toFixed(1)} s`);
  const share = (value: number | null) => (value === null ? '-' : value.toFixed(4));
  const lines = races.map(
    ({ side, seed, secondsFromStart, secondsFromFirstStep, epochs, valAccuracies, ...one }) =>
      `${side} seed ${seed}: ${time(secondsFromStart)} from start, ${time(secondsFromFirstStep)} from first step, ` +
      `epoch ${epochs ?? '-'} (${valAccuracies.map((value) => value.toFixed(3)).join(', ')}); ` +
      `finished: validation ${share(one.validation)}, test ${share(one.test)}`,
  );
  const medians = mediansOf(races).map(
    ({ side, ...one }) =>
      `${side} median: ${time(one.secondsFromStart)} from start, ${time(one.secondsFromFirstStep)} from first step`,
  );
  const ratio = ratioOf(races);
  const end = ratio === null ? [] : [`ratio ${ratio.toFixed(2)} (bar: at most 0.5)`];
  return [`To ${target} on validation, ${threads} threads`, ...lines, ...medians, ...end].join('\n');
}
