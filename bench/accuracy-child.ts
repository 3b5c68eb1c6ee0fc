import { readFileSync } from 'node:fs';

import type { JobEvent } from '../src/jobs/events.js';
import { trainInThread } from '../src/jobs/train-thread.js';
import { resolveTraining } from '../src/jobs/train-options.js';
import type { TrainSettings } from '../src/jobs/settings.js';
import type { AccuracyLine } from './accuracy-race.js';

/** Mien's side of `bench/time-to-accuracy.ts`, in a process of its own: its first argument is a JSON file. */
interface Work {
  readonly settings: TrainSettings;
  readonly threads: number;
  readonly out: string;
  readonly cacheDir: string;
  readonly weightsDir: string;
}

const { settings, threads, ...places } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Work;
let stepped = false;

const { evaluations } = await trainInThread(
  { ...resolveTraining({ ...places, data: settings.data }), settings, threads },
  { onEvent: follow },
);
say({
  event: 'done',
  validation: evaluations['validation']?.accuracy ?? null,
  test: evaluations['test']?.accuracy ?? null,
});

function follow(event: JobEvent): void {
  if (event.kind === 'epoch') {
    const { epoch, valAccuracy } = event.record;
    say({ event: 'epoch', epoch, valAccuracy: valAccuracy ?? 0 });
  }
  if (stepped || event.kind !== 'progress' || event.state.step < 1) return;
  stepped = true;
  say({ event: 'step' });
}

function say(line: AccuracyLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
