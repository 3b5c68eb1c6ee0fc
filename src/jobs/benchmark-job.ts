import { checkInteger } from '../core/checks.js';
import { messageOf } from '../core/errors.js';
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
  const pictures = new Map<BenchmarkSubject['reference'], BenchmarkPictures>();
  const opened: (OpenRow | BenchmarkRow)[] = [];
  for (const [done, { subject, engine }] of pairs.entries()) {
    hooks.onEvent?.({
      kind: 'working',
      what: `${subject.label} in ${engine.name}`,
      done,
      total: pairs.length,
    });
    let own = pictures.get(subject.reference);
    if (own === undefined) {
      own = await benchmarkPictures(options, subject, runtime, hooks);
      pictures.set(subject.reference, own);
    }
    opened.push(
      await openRow({ subject, engine, runtime, pictures: own, hooks }).catch(failed(subject, engine)),
    );
  }
  const ready = opened.filter((row): row is OpenRow => 'session' in row);
  try {
    await timeRows(ready, runs, hooks);
  } finally {
    for (const row of ready) await row.close();
  }
  const [first] = pictures.values();
  return {
    version: 1,
    pictures: first?.source ?? 'nothing',
    rows: opened.map((row) => ('session' in row ? row.finish() : row)),
    absent,
  };
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
