import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';

import { messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { decodeImage } from '../data/decode.js';
import { renderPng } from '../evaluate/charts/render.js';
import { saveKeras, loadKeras } from '../export/keras/archive.js';
import { kernelsFor } from '../lower/kernels.js';
import { blockProbeModel } from '../lower/probe-model.js';
import { countParameters } from '../models/model.js';
import { encodeModel } from '../onnx/encode.js';
import { GraphBuilder } from '../onnx/builder.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { probeBlock } from '../runtime/probe.js';
import type { Runtime } from '../runtime/session.js';
import { packageVersion } from './package.js';
import { loadShipped, SHIPPED } from './shipped.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `warning`: works, but slower or less; `failed`: training or prediction cannot work. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

/** What {@link examine} found, ready for JSON. */
export interface Diagnosis {
  readonly version: 1;
  readonly mien: string;
  /** Whether nothing failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** What {@link examine} looks at. */
export interface ExamineOptions {
  readonly runtime: Runtime;
  readonly cacheDir: string;
}

/** Oldest Node that Mien runs on. */
const OLDEST_NODE = 20;
/** Training the default recipe stays below this many bytes. */
const ENOUGH_MEMORY = 1.5e9;

/**
 * Tries everything that Mien needs of a machine: engine, kernels, decoders, folders, shipped weights.
 *
 * @example
 * const { ok, checks } = await examine({ runtime: ortNode(), cacheDir: '.cache' });
 */
export async function examine({ runtime, cacheDir }: ExamineOptions): Promise<Diagnosis> {
  const checks = [
    nodeVersion(),
    await attempt('runtime', () => tinySession(runtime)),
    await kernels(runtime),
    threads(),
    memory(),
    await attempt('pictures', decodesPicture),
    await attempt('charts', drawsChart),
    await attempt('cache folder', () => writesInto(cacheDir), 'warning'),
    await attempt('shipped model', () => readsShipped(cacheDir), 'warning'),
  ];
  const ok = checks.every(({ state }) => state !== 'failed');
  return { version: 1, mien: packageVersion(), ok, checks };
}

async function attempt(
  name: string,
  work: () => Promise<string> | string,
  otherwise: Check['state'] = 'failed',
): Promise<Check> {
  try {
    return { name, state: 'ok', detail: await work() };
  } catch (error) {
    return { name, state: otherwise, detail: messageOf(error) };
  }
}

function nodeVersion(): Check {
  const { node } = process.versions;
  const detail = `${node} on ${process.platform} ${process.arch}`;
  const old = Number.parseInt(node, 10) < OLDEST_NODE;
  const state = old ? 'failed' : 'ok';
  return { name: 'Node', state, detail: old ? `${detail}; ${OLDEST_NODE} or newer is needed` : detail };
}

/** 3² + 4² by the engine itself. */
async function tinySession(runtime: Runtime): Promise<string> {
  const builder = new GraphBuilder('doctor', schemaOf);
  const o = new Emitter(builder);
  const x = builder.input('x', 'float32', [1, 2]);
  builder.output('y', o.reduceSum(o.mul(x, x), [1], true));
  const session = await runtime.createSession(encodeModel(builder.build()), { threads: 1 });
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(3, 4) } });
  await session.close();
  const value = Number(y?.data[0]);
  if (value !== 25) throw new Error(`${runtime.name} computed 3² + 4² = ${value}`);
  return `${runtime.name}, a session runs`;
}

async function kernels(runtime: Runtime): Promise<Check> {
  const block = await probeBlock(runtime, blockProbeModel());
  const fast = kernelsFor(block, block ?? 1).kind !== 'portable';
  const name = 'fast kernels';
  if (fast) return { name, state: 'ok', detail: `blocks of ${block ?? 0} channels` };
  return { name, state: 'warning', detail: 'none on this CPU: training takes the portable ones, slower' };
}

function threads(): Check {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return { name: 'threads', state: 'ok', detail: `${availableParallelism()} (${model})` };
}

function memory(): Check {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const detail = `${gigabytes(freemem())} free of ${gigabytes(totalmem())}`;
  const enough = totalmem() >= ENOUGH_MEMORY;
  return { name: 'memory', state: enough ? 'ok' : 'warning', detail };
}

async function decodesPicture(): Promise<string> {
  const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#ff8000' } })
    .png()
    .toBuffer();
  const { pixels } = await decodeImage(png, 'a test picture');
  if (pixels[0] !== 255 || pixels[1] !== 128) throw new Error('a test picture came back with other colours');
  return `sharp ${sharp.versions.sharp} (libvips ${sharp.versions.vips}) reads and writes`;
}

function drawsChart(): string {
  const png = renderPng('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
  return `resvg draws (${png.length} bytes for a test picture)`;
}

function writesInto(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `doctor-${process.pid}.tmp`);
  writeFileAtomic(path, 'x');
  rmSync(path);
  return `${folder} is writable`;
}

/** Reads the shipped model, and through a `.keras` archive once more, which needs HDF5. */
async function readsShipped(folder: string): Promise<string> {
  const name = SHIPPED[0] ?? '';
  const model = await loadShipped(name);
  const path = join(folder, `doctor-${process.pid}.keras`);
  await saveKeras(path, model);
  await loadKeras(path);
  rmSync(path);
  const classes = model.classes?.join(', ') ?? 'no class names';
  return `"${name}", ${countParameters(model.graph)} parameters (${classes})`;
}
