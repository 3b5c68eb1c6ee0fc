import { availableParallelism } from 'node:os';

import type { FastifyInstance } from 'fastify';

import { checkInteger, checkNumber } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { packageVersion } from '../jobs/package.js';
import { ortNode } from '../runtime/node/ort.js';
import { createApp } from './http/app.js';
import { checkToken } from './http/access.js';
import { Gate } from './http/gate.js';
import { Metrics } from './http/metrics.js';
import type { ServerExtension } from './http/parts.js';
import type { Engine } from './engine/job.js';
import { Pool } from './engine/pool.js';
import { Replica, type ReplicaSettings } from './engine/replica.js';
import { checkLimits, type ServeLimits } from './limits.js';
import { openServed, type ServedOptions } from './models.js';

/** Options of {@link startServer}. */
export interface ServeOptions extends Partial<ServedOptions> {
  /** Each a shipped model, a run folder or a model file, or `name=` and one of these; the first is the default. */
  readonly models: readonly string[];
  /** Address to listen on; default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** 0: any free one; default 8000. */
  readonly port?: number;
  /** Required from clients; needed unless `host` is a loopback address. */
  readonly token?: string;
  readonly limits?: Partial<ServeLimits>;
  /** Longest that a face waits for company in a run, in milliseconds; default 5. */
  readonly batchWait?: number;
  /** Engine threads; 0: in the calling thread; default: one per processor, at most 8. */
  readonly workers?: number;
  /** Lines of JSON on stderr from this level on; default silent. */
  readonly logLevel?: LogLevel;
  /** For sources, whose compiled worker lies elsewhere. */
  readonly workerUrl?: URL;
  /** Routes beside the server's own. */
  readonly extension?: ServerExtension;
}

/** Levels of the log. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A server that listens. */
export interface MienServer {
  /** E.g. http://127.0.0.1:8000. */
  readonly url: string;
  /**
   * Refuses new requests, finishes those that were accepted, then frees everything.
   * @param grace milliseconds after which open connections are cut; default 10,000
   */
  close(grace?: number): Promise<void>;
}

/** Most engine threads that are started unasked: each holds all models. */
const MOST_WORKERS = 8;
/** Faces in one run unless told otherwise: more gains nothing per face in one thread. */
export const defaultBatchSize = 16;

/**
 * Serves models over HTTP; resolves when requests are answered.
 * @throws InputError when a model is missing, the port is taken, or a token is needed
 * @example
 * const server = await startServer({ models: ['mien'], port: 0 });
 * const answer = await fetch(`${server.url}/v1/predict`, { method: 'POST', body: new Blob([jpeg], { type: 'image/jpeg' }) });
 * await server.close();
 */
export async function startServer(options: ServeOptions): Promise<MienServer> {
  const { host = '127.0.0.1', token } = options;
  checkToken(host, token);
  const limits = checkLimits(options.limits ?? {});
  const models = await openServed(options.models, {
    ...options,
    batchSize: options.batchSize ?? defaultBatchSize,
    flip: options.flip ?? false,
  });
  const gate = new Gate(limits);
  const metrics = new Metrics(() => gate.waiting);
  const settings = {
    models,
    maxPixels: limits.pixels,
    batchWait: checkNumber('batch wait', options.batchWait ?? 5, 0, 10_000),
    sessionThreads: 1,
  };
  const { engine, isAlive } = await openEngine(settings, options, metrics);
  let closing = false;
  const isReady = () => !closing && isAlive();
  const { extension } = options;
  const parts = {
    ...{ models, engine, limits, gate, metrics, isReady, token, version: packageVersion() },
    ...(extension === undefined ? {} : { extension }),
  };
  const app = await createApp(parts, loggerOf(options.logLevel ?? 'silent'));
  const url = await listen(app, host, options.port ?? 8000).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const close = async (grace = 10_000) => {
    closing = true;
    gate.close();
    const cut = setTimeout(() => app.server.closeAllConnections(), grace);
    await app.close();
    clearTimeout(cut);
    await engine.close();
  };
  return { url, close };
}

async function openEngine(
  settings: ReplicaSettings,
  { workers, workerUrl }: ServeOptions,
  metrics: Metrics,
): Promise<{ engine: Engine; isAlive: () => boolean }> {
  const threads = checkInteger('workers', workers ?? Math.min(MOST_WORKERS, availableParallelism()), 0, 256);
  const onRun = metrics.run.bind(metrics);
  if (threads === 0)
    return { engine: await Replica.open(ortNode(), settings, { onRun }), isAlive: () => true };
  const hooks = { onRun, onCrash: () => metrics.crash(), ...(workerUrl === undefined ? {} : { workerUrl }) };
  const pool = await Pool.open(settings, threads, hooks);
  return { engine: pool, isAlive: () => pool.size > 0 };
}

/** Lines of JSON on stderr; request headers, bodies and client addresses are never part of one. */
function loggerOf(level: LogLevel) {
  if (level === 'silent') return false;
  return { level, base: { name: 'mien' }, stream: process.stderr, serializers: {} };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  checkInteger('--port', port, 0, 65_535);
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error as NodeJS.ErrnoException, host, port);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const received = LISTEN_ERRORS[error.code ?? ''];
  if (received === undefined) return error;
  const remedy = 'choose another with --port or --host';
  return new InputError(
    {
      where: '--port',
      received: `${host}:${port}, ${received}`,
      expected: 'an address that is free',
      remedy,
    },
    { cause: error },
  );
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'which another program uses',
  EACCES: 'which this user may not use',
  EADDRNOTAVAIL: 'which this machine does not have',
  ENOTFOUND: 'a name that does not exist',
};
