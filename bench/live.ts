import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../src/core/errors.js';
import { writeFileAtomic } from '../src/core/files.js';
import { drawFaces } from '../src/data/draw/draw.js';
import { imageAt, imageCount, type Picture } from '../src/data/images.js';
import { renderPng } from '../src/evaluate/charts/render.js';
import { openRecognizer, type LiveBackend } from '../src/jobs/live-recognizer.js';
import { wholeFrame } from '../src/live/detector.js';
import type { Frame } from '../src/live/frame.js';
import { runLive, STAGES, type LiveTotals } from '../src/live/pipeline.js';
import type { Recognizer } from '../src/live/recognizers/recognizer.js';
import { openSink } from '../src/live/sinks/open-sink.js';
import { openSource } from '../src/live/sources/open-source.js';
import { FaceTracker } from '../src/live/tracker.js';
import { litertNode } from '../src/runtime/node/litert.js';
import { ortNode } from '../src/runtime/node/ort.js';
import { cpuName } from './machine.js';
import {
  collector,
  csvOf,
  EVERY,
  memoryOf,
  memoryRows,
  memoryText,
  sampleMemory,
  WINDOW,
  type LiveMemory,
} from './live-memory.js';
import { memoryChart, type MemorySample } from './memory-chart.js';
import { progress, runBench, type Settings } from './options.js';
import { median } from './statistics.js';

const DESCRIPTION = `mien live with the shipped model: the expression stage alone, one face at a time, and a whole video of
drawn faces, 320×240, with stage times and resident memory of the process (ffmpeg not included). Needs ffmpeg.`;

const OPTIONS = {
  frames: { help: 'frames of the video', default: '20000' },
  threads: { help: 'threads of ONNX Runtime', default: '2' },
  out: { help: 'folder for the video, memory.png and memory.csv', default: 'runs/bench-live' },
};

const SIZE = { width: 320, height: 240 };
/** Frames of the clip that is repeated; every face stays for a few. */
const CLIP = 250;
const FRAMES_PER_FACE = 10;
/** Frames a second that the project promises of the expression stage alone, on two cores. */
const BAR = 200;
/** Runs of the expression stage in a turn; an engine's first turn does not count. */
const RUNS = 200;
const TURNS = 5;
const MODEL = 'mien';

await runBench(DESCRIPTION, OPTIONS, measure);

async function measure(settings: Settings) {
  const out = settings.text('out') ?? '.';
  const threads = settings.count('threads');
  const video = await makeVideo(out, settings.count('frames'));
  // First, as long as no other engine is in memory.
  const { totals, samples, live } = await watch(video, { kind: 'ort', runtime: ortNode(), threads });
  const expression = await expressionAlone([
    { kind: 'ort', runtime: ortNode(), threads },
    { kind: 'tflite', runtime: litertNode() },
  ]);
  const memory = memoryOf(samples, live);
  writeFileAtomic(join(out, 'memory.csv'), csvOf(samples));
  const chart = memoryChart(samples, memoryText(memory), 'Frame');
  writeFileAtomic(join(out, 'memory.png'), renderPng(chart));
  const json = { cpu: cpuName(), threads, node: process.versions.node, bar: BAR, expression, totals, memory };
  return { json, text: textOf({ expression, totals, memory, out }) };
}

interface ExpressionRow {
  readonly engine: string;
  /** Median of the turns. */
  readonly framesPerSecond: number;
  readonly best: number;
  /** Processor time of the whole process per face, all threads together: says something on a busy machine, too. */
  readonly cpuMs: number;
}

/** Faces a second of the expression stage: preprocessing and network, one face a run; the engines take turns. */
async function expressionAlone(backends: readonly LiveBackend[]): Promise<ExpressionRow[]> {
  const faces = drawFaces({ perClass: 2, seed: 3 });
  const crops = Array.from({ length: imageCount(faces) }, (_, i) => imageAt(faces, i));
  const recognizers = await Promise.all(backends.map((backend) => openRecognizer({ model: MODEL, backend })));
  const turns = recognizers.map((): Turn[] => []);
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [i, recognizer] of recognizers.entries()) {
      const measured = await oneTurn(recognizer, crops);
      if (turn > 0) turns[i]?.push(measured);
    }
  }
  for (const recognizer of recognizers) await recognizer.close();
  return recognizers.map(({ name }, i) => rowOf(name, turns[i] ?? []));
}

interface Turn {
  readonly rate: number;
  readonly cpuMs: number;
}

async function oneTurn(recognizer: Recognizer, crops: readonly Picture[]): Promise<Turn> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < RUNS; i++) await recognizer.recognize(crops[i % crops.length] as Picture);
  const rate = (1000 * RUNS) / (performance.now() - started);
  const { user, system } = process.cpuUsage(before);
  return { rate, cpuMs: (user + system) / 1000 / RUNS };
}

function rowOf(engine: string, turns: readonly Turn[]): ExpressionRow {
  const rates = turns.map(({ rate }) => rate);
  const cpuMs = median(turns.map((turn) => turn.cpuMs));
  const row = { engine, framesPerSecond: median(rates), best: Math.max(...rates), cpuMs };
  progress(`${engine}: ${row.framesPerSecond.toFixed(0)} frames/s`);
  return row;
}

/** A video of drawn faces, a clip over and over. @throws InputError without ffmpeg */
async function makeVideo(out: string, frames: number): Promise<string> {
  mkdirSync(out, { recursive: true });
  const clip = join(out, 'clip.mp4');
  const sink = openSink({ out: clip, fps: 25 });
  const faces = drawFaces({ perClass: Math.ceil(CLIP / FRAMES_PER_FACE / 7), seed: 11 });
  for (let i = 0; i < CLIP; i++) {
    const face = Math.floor(i / FRAMES_PER_FACE) * 11;
    await sink.write(frameOf(imageAt(faces, face % imageCount(faces)), i));
  }
  await sink.close();
  const video = join(out, 'faces.mp4');
  const loops = ['-stream_loop', String(Math.ceil(frames / CLIP) - 1), '-i', clip];
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...loops, '-c', 'copy', video]);
  if (status !== 0) throw new InputError({ where: video, received: stderr.toString(), expected: 'a video' });
  return video;
}

/** The face four times as large in the middle of a grey frame; it moves a little. */
function frameOf({ pixels: face, width: side }: Picture, index: number): Frame {
  const { width, height } = SIZE;
  const pixels = new Uint8Array(width * height * 3).fill(96);
  const scale = 4;
  const left = (width - side * scale) / 2 + (index % 8);
  const top = (height - side * scale) / 2;
  for (let row = 0; row < side * scale; row++) {
    for (let column = 0; column < side * scale; column++) {
      const value = face[Math.floor(row / scale) * side + Math.floor(column / scale)] ?? 0;
      pixels.fill(
        value,
        3 * ((top + row) * width + left + column),
        3 * ((top + row) * width + left + column + 1),
      );
    }
  }
  const release = () => undefined;
  return { index, time: index / 25, arrived: 0, width, height, channels: 3, pixels, release };
}

async function watch(
  video: string,
  backend: LiveBackend,
): Promise<{ totals: LiveTotals; samples: MemorySample[]; live: LiveMemory['live'] }> {
  const inUse = collector();
  const recognizer = await openRecognizer({ model: MODEL, backend });
  const { frames: source } = await openSource({ source: video });
  const samples: MemorySample[] = [];
  let [step, startMB] = [0, NaN];
  const run = runLive({
    ...{ source, recognizer, detector: wholeFrame(), tracker: new FaceTracker() },
    onFrame: () => {
      if (++step % EVERY === 0) samples.push(sampleMemory(step));
      if (step === WINDOW) startMB = inUse();
      if (step % WINDOW === 0) progress(`${step} frames, ${samples.at(-1)?.megabytes.toFixed(0) ?? ''} MB`);
      return Promise.resolve();
    },
  });
  await run.finished;
  const live = { startMB, endMB: inUse() };
  await recognizer.close();
  return { totals: run.totals(), samples, live };
}

interface Results {
  readonly expression: readonly ExpressionRow[];
  readonly totals: LiveTotals;
  readonly memory: LiveMemory;
  readonly out: string;
}

function textOf({ expression, totals, memory, out }: Results): string {
  const { frames, framesPerSecond, stages } = totals;
  const table = (rows: readonly (readonly string[])[]) => rows.map((row) => `| ${row.join(' | ')} |`);
  return [
    ...table([
      [
        ...['expression alone, one face a run', 'frames/s, median of turns', 'best turn', 'CPU ms a face'],
        `of the bar (${BAR})`,
      ],
      ['---', '---', '---', '---', '---'],
      ...expression.map(({ engine, framesPerSecond: rate, best, cpuMs }) => [
        ...[engine, rate.toFixed(0), best.toFixed(0), cpuMs.toFixed(2), `${(rate / BAR).toFixed(2)}×`],
      ]),
    ]),
    '',
    ...table([
      [
        `whole video, ${frames} frames, ${framesPerSecond.toFixed(0)} frames/s`,
        'p50 ms',
        'p95 ms',
        'mean ms',
      ],
      ['---', '---', '---', '---'],
      ...STAGES.map((name) => {
        const { p50, p95, mean: average } = stages[name];
        return [name, p50.toFixed(2), p95.toFixed(2), average.toFixed(2)];
      }),
    ]),
    '',
    ...table(memoryRows(memory)),
    `written: ${join(out, 'memory.png')}, memory.csv`,
  ].join('\n');
}
