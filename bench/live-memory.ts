import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { MemorySample } from './memory-chart.js';
import { mean } from './statistics.js';

/** Frames between two samples of memory, and frames of a mean. */
export const EVERY = 25;
export const WINDOW = 1000;

/** A part of the process's memory in MB: means of so many frames each, the first one (pools fill) left out. */
interface Part {
  readonly startMB: number;
  readonly endMB: number;
  /** Highest mean less lowest mean. */
  readonly spreadMB: number;
}

/** What became of the memory of a process that looked at frames. */
export interface LiveMemory {
  readonly resident: Part;
  /** What V8 has reserved for JavaScript; it grows and shrinks as V8 likes, within the limits of its young generation. */
  readonly heap: Part;
  /** Resident less V8's heap: code, ONNX Runtime, frames, tensors. */
  readonly rest: Part;
  /** In use after a full collection, heap and buffers, after the first mean and at the end. */
  readonly live: { readonly startMB: number; readonly endMB: number };
}

/** Resident memory and V8's reserved heap now. */
export function sampleMemory(step: number): MemorySample {
  const { rss, heapTotal } = process.memoryUsage();
  return { step, megabytes: rss / 1e6, heapMegabytes: heapTotal / 1e6 };
}

/** A function that collects all garbage and says what is left, heap and buffers, in MB. */
export function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1e6;
  };
}

/** Sums up samples. */
export function memoryOf(samples: readonly MemorySample[], live: LiveMemory['live']): LiveMemory {
  return {
    resident: partOf(samples, ({ megabytes }) => megabytes),
    heap: partOf(samples, ({ heapMegabytes = 0 }) => heapMegabytes),
    rest: partOf(samples, ({ megabytes, heapMegabytes = 0 }) => megabytes - heapMegabytes),
    live,
  };
}

function partOf(samples: readonly MemorySample[], of: (sample: MemorySample) => number): Part {
  const size = WINDOW / EVERY;
  const count = Math.max(1, Math.floor(samples.length / size) - 1);
  const means = Array.from({ length: count }, (_, i) =>
    mean(samples.slice((i + 1) * size, (i + 2) * size).map(of)),
  );
  return {
    startMB: means[0] ?? NaN,
    endMB: means.at(-1) ?? NaN,
    spreadMB: Math.max(...means) - Math.min(...means),
  };
}

/** One line for a picture. */
export function memoryText({ resident, live }: LiveMemory): string {
  const { startMB, endMB, spreadMB } = resident;
  return (
    `mien live: ${startMB.toFixed(0)} → ${endMB.toFixed(0)} MB, means of ${WINDOW} frames within ` +
    `${spreadMB.toFixed(1)} MB; in use after collection ${live.startMB.toFixed(2)} → ${live.endMB.toFixed(2)} MB`
  );
}

/** Rows of a table. */
export function memoryRows({ resident, heap, rest, live }: LiveMemory): string[][] {
  const row = (name: string, { startMB, endMB, spreadMB }: Part) => [
    name,
    ...[startMB, endMB, spreadMB].map((value) => value.toFixed(1)),
  ];
  return [
    [`memory in MB, means of ${WINDOW} frames`, 'first', 'last', 'highest less lowest'],
    ['---', '---', '---', '---'],
    row('resident', resident),
    row("of it V8's reserved heap", heap),
    row('of it all the rest', rest),
    [
      'in use after a full collection (one moment)',
      ...[live.startMB, live.endMB, live.endMB - live.startMB].map((value) => value.toFixed(2)),
    ],
  ];
}

/** All samples as a table. */
export function csvOf(samples: readonly MemorySample[]): string {
  const rows = samples.map(({ step, megabytes, heapMegabytes = 0 }) =>
    [step, megabytes.toFixed(2), heapMegabytes.toFixed(2)].join(','),
  );
  return ['frame,rss_mb,heap_mb', ...rows, ''].join('\n');
}
