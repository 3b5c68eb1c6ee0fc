import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { RELEASE_LINES, type HailoArchitecture } from '../export/hailo/bundle/architectures.js';
import { packageFile } from './package.js';

/** Hailo's Dataflow Compiler, as installed. */
export interface Compiler {
  /** The Python that has it. */
  readonly python: string;
  /** Its command line. */
  readonly hailo: string;
  /** Of the Python package; empty when not stated. */
  readonly version: string;
}

/** Lines kept of a program's output, for messages. */
const LAST_LINES = 20;

/**
 * Asks a Python for Hailo's compiler.
 *
 * @param bundle named in the message as what there is already
 * @throws InputError where there is no such Python, compiler or command line, or the compiler is of another line
 */
export async function findCompiler(
  python: string,
  architecture: HailoArchitecture,
  bundle: string,
): Promise<Compiler> {
  const series = RELEASE_LINES[architecture].compiler;
  const missing = (received: string) =>
    new InputError({
      where: '--dfc-python',
      received,
      expected: `the Python of Hailo's Dataflow Compiler ${series}`,
      remedy:
        `install the compiler from Hailo's developer zone on Linux x86-64 and name its Python, ` +
        `or take the bundle ${bundle} there and run the commands in its README.md`,
    });
  const { code, lines } = await runProgram(python, [packageFile('assets', 'hailo', 'probe.py')], {}).catch(
    (error: unknown) => {
      throw missing(`"${python}", which cannot be started (${messageOf(error)})`);
    },
  );
  const found = code === 0 ? parsedAnswer(lines.at(-1)) : {};
  if (typeof found.version !== 'string') throw missing(`"${python}", which has no module hailo_sdk_client`);
  if (typeof found.hailo !== 'string') throw missing(`"${python}", beside which there is no program "hailo"`);
  const { version, hailo } = found;
  if (/^\d/.test(version) && !version.startsWith(series.replace('x', ''))) {
    throw missing(`Dataflow Compiler ${version} for ${architecture}`);
  }
  // It is started in another folder.
  return { python: /[\\/]/.test(python) ? resolve(python) : python, hailo, version };
}

function parsedAnswer(line = ''): { readonly version?: unknown; readonly hailo?: unknown } {
  try {
    return JSON.parse(line) as { version?: unknown; hailo?: unknown };
  } catch {
    return {};
  }
}

/** How {@link runProgram} runs. */
export interface RunOptions {
  readonly cwd?: string;
  /** File that everything printed is appended to. */
  readonly log?: string;
  /** Each line printed, control characters removed. */
  readonly onLine?: (line: string) => void;
  /** Asked twice a second; true ends the program. */
  readonly shouldStop?: () => boolean;
}

/** How a program ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The last lines it printed. */
  readonly lines: readonly string[];
  /** It was ended by `shouldStop`. */
  readonly stopped: boolean;
}

/** Runs a program to its end. @throws the system's error when it cannot be started */
export function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, log, onLine, shouldStop } = options;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const lines: string[] = [];
  const reader = (line: string) => {
    if (log !== undefined) appendFileSync(log, `${line}\n`);
    lines.push(line);
    if (lines.length > LAST_LINES) lines.shift();
    onLine?.(line);
  };
  const rests = [child.stdout, child.stderr].map((stream) => collectLines(stream, reader));
  let stopped = false;
  const timer = setInterval(() => {
    if (stopped || shouldStop?.() !== true) return;
    stopped = true;
    end(child);
  }, 500);
  return new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      for (const rest of rests) rest();
      resolve({ code, lines, stopped });
    });
  }).finally(() => clearInterval(timer));
}

/** Asks first; a program that is still there after ten seconds is ended. */
function end(child: ChildProcess): void {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.on('close', () => clearTimeout(timer));
}

/** Splits a stream into lines; what it returns gives the last one. Progress bars end their lines with `\r`. */
function collectLines(stream: NodeJS.ReadableStream, take: (line: string) => void): () => void {
  let rest = '';
  const give = (line: string) => {
    const clean = withoutControls(line).trimEnd();
    if (clean !== '') take(clean);
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split(/[\r\n]+/);
    rest = parts.pop() ?? '';
    parts.forEach(give);
  });
  return () => give(rest);
}

/** Without colours and other escapes of terminals. */
function withoutControls(line: string): string {
  // eslint has a rule against control characters in expressions, so they are spelled by their category.
  return line.replaceAll(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, '').replaceAll(/\p{Cc}/gu, ' ');
}
