import { checkInteger } from '../core/checks.js';
import { messageOf } from '../core/errors.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type {
  Benchmark,
  BenchmarkEngine,
  BenchmarkEnvironment,
  BenchmarkOptions,
  BenchmarkRow,
} from './benchmark.js';
import { benchmarkPictures, type BenchmarkPictures } from './benchmark-pictures.js';
import { describe, openRow, timeRows, type OpenRow } from './benchmark-rows.js';
import { benchmarkSubjects, type BenchmarkSubject } from './benchmark-subjects.js';
import type { JobHooks } from './events.js';
import { classMapOf } from './load-classes.js';

export type * from './benchmark.js';

/**
 * Measures every format of models in every engine at hand: agreement with the float layers, accuracy, latency,
 * throughput, sizes. Latencies are taken in turns, so that a machine that slows down slows all of them.
 *
 * @throws InputError when a model or the data is missing
 */
export async function benchmarkJob(
  options: BenchmarkOptions,
  { runtime, engines, absent }: BenchmarkEnvironment,
  hooks: JobHooks = {},
): Promise<Benchmark> {
  const runs = checkInteger('--runs', options.runs ?? 100, 1);
  const subjects = await benchmarkSubjects(options, hooks);
  const pairs = subjects.flatMap((subject) =>
    engines.filter(({ format }) => format === subject.format).map((engine) => ({ subject, engine })),
  );
  const album = new Album(options, runtime, hooks);
  const opened: (OpenRow | BenchmarkRow)[] = [];
  const ready: OpenRow[] = [];
  try {
    for (const [done, { subject, engine }] of pairs.entries()) {
      const what = `${subject.label} in ${engine.name}`;
      hooks.onEvent?.({ kind: 'working', what, done, total: pairs.length });
      const pictures = await album.picturesFor(subject);
      const row = await openRow({ subject, engine, runtime, pictures, hooks }).catch(failed(subject, engine));
      opened.push(row);
      if ('session' in row) ready.push(row);
    }
    await timeRows(ready, runs, hooks);
  } finally {
    for (const row of ready) await row.close();
  }
  return {
    version: 1,
    pictures: album.sources,
    rows: opened.map((row) => ('session' in row ? row.finish() : row)),
    absent,
  };
}

/** Pictures, loaded once for all subjects that see and name them alike and are compared with the same layers. */
class Album {
  private readonly known: {
    readonly reference: Model | undefined;
    readonly key: string;
    readonly pictures: BenchmarkPictures;
  }[] = [];

  constructor(
    private readonly options: BenchmarkOptions,
    private readonly runtime: Runtime,
    private readonly hooks: JobHooks,
  ) {}

  async picturesFor(subject: BenchmarkSubject): Promise<BenchmarkPictures> {
    const { preprocessing, classes, origin } = subject.model;
    const { reference } = subject;
    const key = JSON.stringify([preprocessing, classes, classMapOf(origin)]);
    const found = this.known.find((page) => page.reference === reference && page.key === key);
    if (found !== undefined) return found.pictures;
    const pictures = await benchmarkPictures(this.options, subject, this.runtime, this.hooks);
    this.known.push({ reference, key, pictures });
    return pictures;
  }

  /** In words. */
  get sources(): string {
    const sources = new Set(this.known.map(({ pictures }) => pictures.source));
    return sources.size === 0 ? 'nothing' : [...sources].join('; ');
  }
}

function failed(subject: BenchmarkSubject, engine: BenchmarkEngine) {
  return (error: unknown): BenchmarkRow => ({
    ...describe(subject, engine),
    agreement: null,
    accuracy: null,
    latency: null,
    throughput: null,
    memory: null,
    error: messageOf(error),
  });
}
