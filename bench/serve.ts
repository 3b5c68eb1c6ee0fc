import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

import sharp from 'sharp';

import { openServed } from '../src/serve/models.js';
import { cpuName } from './machine.js';
import { progress, runBench, type Settings } from './options.js';
import { load, type Load, type LoadResult } from './serve-load.js';
import { startServe, type ServeProcess } from './serve-process.js';
import { rawSessions, type RawSessions } from './serve-raw.js';
import { median } from './statistics.js';
import { today } from './turns.js';

const DESCRIPTION = `The real "mien serve" on loopback under autocannon, in turns with bare sessions; then a crowd, and a soak.`;

const OPTIONS = {
  model: { help: 'a model as mien serve takes it', default: 'mien' },
  rounds: { help: 'turns of every case', default: '3' },
  seconds: { help: 'seconds of one turn', default: '5' },
  batch: { help: 'most faces in one run', default: '16' },
  crowd: { help: 'clients at the same time in the crowd', default: '1000' },
  'crowd-seconds': { help: 'seconds of the crowd', default: '60' },
  soak: { help: 'minutes of the soak (default: none)' },
};

/** Share of the bare sessions' throughput that the project promises at batch limits. */
const BAR = 0.8;

interface Case {
  readonly name: string;
  /** Faces in a second, and for the server the times of requests. */
  measure(seconds: number): Promise<Partial<LoadResult> & { readonly perSecond: number }>;
}

type Measured = Partial<LoadResult> & {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly clientCpuMs: number;
};

interface Row {
  readonly case: string;
  readonly perSecond: number;
  readonly ofRaw: number;
  readonly p50: number | null;
  readonly p99: number | null;
  /** Milliseconds of processor time for one picture. */
  readonly cpuMs: number | null;
  readonly clientCpuMs: number | null;
}

await runBench(DESCRIPTION, OPTIONS, bench);

async function bench(settings: Settings) {
  const [source, batch] = [settings.text('model') ?? 'mien', settings.count('batch')];
  const [model] = await openServed([source], { batchSize: batch, flip: false });
  if (model === undefined) throw new Error('no model');
  const threads = availableParallelism();
  progress('compiling');
  const raw = await rawSessions(model, threads, 1);
  const server = await startServe(['--model', source, '--batch-size', String(batch)]);
  const bodies = await bodiesOf(batch);
  const rows = await turns(raw, server, bodies, settings);
  await raw.close();
  const crowd = await crowded(server, bodies, settings);
  const soak = settings.text('soak') === undefined ? null : await soaked(server, bodies, settings);
  const code = await server.close();
  const versions = { node: process.versions.node };
  const document = {
    date: today(),
    cpu: cpuName(),
    threads,
    batch,
    versions,
    rows,
    crowd,
    soak,
    exitCode: code,
  };
  return { json: document, text: textOf(document) };
}

interface Bodies {
  readonly png: Omit<Load, 'url' | 'connections' | 'seconds'>;
  readonly jpeg: Omit<Load, 'url' | 'connections' | 'seconds'>;
  readonly many: Omit<Load, 'url' | 'connections' | 'seconds'>;
}

/** A noisy grey face-sized picture: as PNG, as JPEG, and a form with a whole batch. */
async function bodiesOf(batch: number): Promise<Bodies> {
  const pixels = Uint8Array.from({ length: 48 * 48 }, (_, i) => 128 + 90 * Math.sin(i / 7) + ((i * 31) % 23));
  const picture = sharp(pixels, { raw: { width: 48, height: 48, channels: 1 } }).toColourspace('b-w');
  const [png, jpeg] = [await picture.clone().png().toBuffer(), await picture.clone().jpeg().toBuffer()];
  const part = (i: number) =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="image"; filename="${i}.png"\r\n\r\n`),
      ...[png, Buffer.from('\r\n')],
    ]);
  const form = Buffer.concat([...Array.from({ length: batch }, (_, i) => part(i)), Buffer.from('--b--\r\n')]);
  return {
    png: { body: png, type: 'image/png', pictures: 1 },
    jpeg: { body: jpeg, type: 'image/jpeg', pictures: 1 },
    many: { body: form, type: 'multipart/form-data; boundary=b', pictures: batch },
  };
}

async function turns(
  raw: RawSessions,
  server: ServeProcess,
  bodies: Bodies,
  settings: Settings,
): Promise<Row[]> {
  const [rounds, seconds, batch] = [
    settings.count('rounds'),
    settings.count('seconds'),
    settings.count('batch'),
  ];
  const served = (name: string, connections: number, body: Bodies[keyof Bodies]): Case => ({
    name,
    measure: (time) => load({ url: server.url, connections, seconds: time, ...body }),
  });
  const cases: Case[] = [
    { name: 'bare sessions', measure: async (time) => ({ perSecond: await raw.measure(time) }) },
    served('one at a time, PNG', 1, bodies.png),
    served(`${4 * batch} clients, PNG`, 4 * batch, bodies.png),
    served(`${4 * batch} clients, JPEG`, 4 * batch, bodies.jpeg),
    served(`4 clients, ${batch} PNG each`, 4, bodies.many),
  ];
  const results = cases.map((): Measured[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, one] of cases.entries()) {
      progress(`round ${round} of ${rounds}: ${one.name}`);
      await pause(300);
      // Round 0 warms everything up.
      const measured = await withCpu(server, one, round === 0 ? 1 : seconds);
      if (round > 0) results[i]?.push(measured);
    }
  }
  return rowsOf(cases, results);
}

/** A turn, with the processor time of the server and of this process, which is the client. */
async function withCpu(server: ServeProcess, one: Case, seconds: number): Promise<Measured> {
  const before = await server.figure('process_cpu_seconds_total');
  const own = process.cpuUsage();
  const result = await one.measure(seconds);
  const { user, system } = process.cpuUsage(own);
  const cpu = (await server.figure('process_cpu_seconds_total')) - before;
  const pictures = result.perSecond * seconds;
  return { ...result, cpuMs: (1000 * cpu) / pictures, clientCpuMs: (user + system) / 1000 / pictures };
}

function rowsOf(cases: readonly Case[], results: readonly (readonly Measured[])[]): Row[] {
  const bare = results[0] ?? [];
  return cases.map(({ name }, i) => {
    const turnsOf = results[i] ?? [];
    const middle = (values: readonly (number | undefined)[]) => {
      const known = values.filter((value) => value !== undefined);
      return known.length === 0 ? null : median(known);
    };
    const shares = turnsOf.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? NaN));
    return {
      case: name,
      perSecond: median(turnsOf.map(({ perSecond }) => perSecond)),
      ofRaw: median(shares),
      p50: middle(turnsOf.map(({ p50 }) => p50)),
      p99: middle(turnsOf.map(({ p99 }) => p99)),
      cpuMs: i === 0 ? null : median(turnsOf.map(({ cpuMs }) => cpuMs)),
      clientCpuMs: median(turnsOf.map(({ clientCpuMs }) => clientCpuMs)),
    };
  });
}

interface LongResult extends LoadResult {
  readonly clients: number;
  readonly seconds: number;
  /** Resident memory of the server in MB, every few seconds. */
  readonly memory: readonly number[];
}

function crowded(server: ServeProcess, { png }: Bodies, settings: Settings): Promise<LongResult> {
  return long(server, png, settings.count('crowd'), settings.count('crowd-seconds'));
}

function soaked(server: ServeProcess, { png }: Bodies, settings: Settings): Promise<LongResult> {
  return long(server, png, 2 * settings.count('batch'), 60 * settings.count('soak'));
}

/** Load for a long time, with the server's memory beside it. */
async function long(
  server: ServeProcess,
  body: Bodies['png'],
  clients: number,
  seconds: number,
): Promise<LongResult> {
  progress(`${clients} clients for ${seconds} s`);
  const memory: number[] = [];
  const sample = async () => {
    memory.push(Math.round((await server.figure('process_resident_memory_bytes')) / 1e6));
  };
  await sample();
  const timer = setInterval(() => void sample().catch(() => undefined), Math.max(2000, seconds * 20));
  const result = await load({ url: server.url, connections: clients, seconds, ...body });
  clearInterval(timer);
  await pause(2000);
  await sample();
  return { ...result, clients, seconds, memory };
}

interface Document {
  readonly cpu: string;
  readonly threads: number;
  readonly batch: number;
  readonly rows: readonly Row[];
  readonly crowd: LongResult;
  readonly soak: LongResult | null;
  readonly exitCode: number | null;
}

function textOf({ cpu, threads, batch, rows, crowd, soak, exitCode }: Document): string {
  const cell = (value: number | null, digits: number) => (value === null ? '' : value.toFixed(digits));
  const table = rows.map(
    (row) =>
      `| ${row.case} | ${cell(row.perSecond, 0)} | ${cell(row.ofRaw, 2)} | ${cell(row.p50, 0)} | ${cell(row.p99, 0)} | ${cell(row.cpuMs, 2)} | ${cell(row.clientCpuMs, 2)} |`,
  );
  return [
    `${cpu}, ${threads} engine threads, batches of ${batch}; bar: ${BAR} of the bare sessions`,
    '| case | pictures/s | of bare | p50 ms | p99 ms | server CPU ms/picture | client CPU ms/picture |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...table,
    longText('crowd', crowd),
    ...(soak === null ? [] : [longText('soak', soak)]),
    `exit code after SIGTERM: ${exitCode ?? 'none'}`,
  ].join('\n');
}

function longText(
  name: string,
  { clients, seconds, perSecond, p50, p99, ok, busy, wrong, memory }: LongResult,
) {
  const range = `${Math.min(...memory)}–${Math.max(...memory)} MB, at the end ${memory.at(-1) ?? NaN}`;
  return `${name}: ${clients} clients, ${seconds} s: ${perSecond.toFixed(0)}/s, p50 ${p50} ms, p99 ${p99} ms; 200: ${ok}, 503: ${busy}, other: ${wrong}; memory ${range}`;
}
