import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import { InputError, isLoopback, messageOf } from '../../../src/node.js';
import type { LogLevel, MienServer, ServeOptions } from '../../../src/server.js';
import { serverToken } from '../environment.js';
import { listenForInterrupt } from '../interrupt.js';
import { choiceOption, MODELS, numberOf, repeated, wholeOf, withDebug, withRecords } from '../options.js';
import { print } from '../output.js';

interface ServeFlags {
  readonly model?: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly batchSize: number;
  readonly batchWait: number;
  readonly workers?: number;
  readonly flip?: true;
  readonly classes?: readonly string[];
  readonly preprocessing?: string;
  readonly bodyLimit: number;
  readonly maxPictures: number;
  readonly maxPixels: number;
  readonly queue: number;
  readonly queueMemory: number;
  readonly timeout: number;
  readonly rateLimit?: number;
  readonly grace: number;
  readonly logLevel: LogLevel;
}

/** Requests a minute and address where others can reach the server. */
const OPEN_RATE = 1200;

const AFTER = `
Addresses: POST /v1/predict, GET /v1/models, /healthz, /readyz, /metrics, /openapi.json, /docs.

Example:
  mien serve --model mien --port 8000
  curl -F image=@photo.jpg http://127.0.0.1:8000/v1/predict`;

/** `mien serve`. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('Answer pictures over HTTP. Nothing is stored.')
    .addHelpText('after', AFTER);
  addModelOptions(command);
  addAddressOptions(command);
  addLimitOptions(command);
  withDebug(command).action(runServe);
}

function addModelOptions(command: Command): void {
  const models = `${MODELS.layers}; NAME=MODEL names it; repeat for several (default: "mien")`;
  command
    .option('--model <model>', models, repeated)
    .option('--flip', 'average each answer over the face and its mirror image (default: off)');
  withRecords(command)
    .option('--batch-size <n>', 'most faces in one run of a network', wholeOf, 16)
    .option('--batch-wait <ms>', 'longest that a face waits for company in a run', numberOf, 5)
    .option(
      '--workers <n>',
      'engine threads; 0: in the main thread (default: one per processor, at most 8)',
      wholeOf,
    );
}

function addAddressOptions(command: Command): void {
  const token = 'file with the token that clients must send (default: the variable MIEN_TOKEN)';
  const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
  command
    .option('--port <n>', 'port to listen on; 0: any free one', wholeOf, 8000)
    .option('--host <address>', 'address to listen on; others than loopback need a token', '127.0.0.1')
    .option('--token-file <file>', token)
    .addOption(
      choiceOption('--log-level <level>', 'lines of JSON on stderr from this level on', levels).default(
        'info',
      ),
    );
}

function addLimitOptions(command: Command): void {
  const rate = `requests a minute and client address, 0: no limit (default: 0 on loopback, ${OPEN_RATE} elsewhere)`;
  command
    .option('--body-limit <megabytes>', 'largest body of a request', numberOf, 16)
    .option('--max-pictures <n>', 'most pictures in one request', wholeOf, 64)
    .option('--max-pixels <megapixels>', 'largest picture', numberOf, 50)
    .option('--queue <n>', 'most pictures that wait; beyond that 503', wholeOf, 1024)
    .option('--queue-memory <megabytes>', 'most bytes of bodies that wait; beyond that 503', numberOf, 256)
    .option('--timeout <seconds>', 'longest that a request may take', numberOf, 15)
    .option('--rate-limit <n>', rate, wholeOf)
    .option('--grace <seconds>', 'time for open requests after Ctrl-C or SIGTERM', numberOf, 10);
}

async function runServe(flags: ServeFlags): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    listenForInterrupt(resolve);
  });
  // Loaded here, so that no other command pays for it.
  const { startServer } = await import('../../../src/server.js');
  const server: MienServer = await startServer(optionsOf(flags));
  await print(`mien serves ${server.url} (page: ${server.url}/docs); Ctrl-C ends it\n`);
  await ended;
  await server.close(flags.grace * 1000);
}

function optionsOf(flags: ServeFlags): ServeOptions {
  const { model = ['mien'], host, port, batchSize, batchWait, logLevel, ...others } = flags;
  const token = others.tokenFile === undefined ? serverToken() : readToken(others.tokenFile);
  const { workers, classes, preprocessing, flip = false } = others;
  return {
    ...{ models: model, host, port, batchSize, batchWait, logLevel, flip, limits: limitsOf(flags) },
    ...(token === undefined ? {} : { token }),
    ...(workers === undefined ? {} : { workers }),
    ...(classes === undefined ? {} : { classes }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
  };
}

function limitsOf(flags: ServeFlags): NonNullable<ServeOptions['limits']> {
  return {
    bodyBytes: Math.round(flags.bodyLimit * 2 ** 20),
    pictures: flags.maxPictures,
    pixels: Math.round(flags.maxPixels * 1e6),
    queue: flags.queue,
    queueBytes: Math.round(flags.queueMemory * 2 ** 20),
    timeout: flags.timeout * 1000,
    ratePerMinute: flags.rateLimit ?? (isLoopback(flags.host) ? 0 : OPEN_RATE),
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError({ where: '--token-file', received, expected: 'a text file with the token' });
  }
}
