import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { InputError, messageOf } from '../../core/errors.js';
import { redacted } from '../sources/source-name.js';

/** How ffmpeg ended. */
export interface FfmpegEnd {
  readonly code: number | null;
  /** Its last lines on stderr. */
  readonly complaint: string;
}

/** A running program of the ffmpeg family. */
export interface Ffmpeg {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the program has ended and its output is read. @throws InputError when it cannot be started */
  readonly ended: Promise<FfmpegEnd>;
  kill(): void;
}

/** Bytes of stderr that are kept. */
const KEPT = 4000;
/** Milliseconds between asking a program to end and ending it. */
const PATIENCE = 2000;

/** Starts ffmpeg or ffprobe; what it says on stderr is kept for error messages. */
export function startFfmpeg(program: string, args: readonly string[]): Ffmpeg {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // A process group of its own: Ctrl-C is for this program, which then ends its children in order.
    detached: process.platform !== 'win32',
  });
  // A child that is gone closes its end; how it ended says why.
  child.stdin.on('error', () => undefined);
  const kill = () => {
    child.kill();
    // One that waits for a network may not listen.
    setTimeout(() => child.kill('SIGKILL'), PATIENCE).unref();
  };
  return { stdin: child.stdin, stdout: child.stdout, ended: endOf(program, child), kill };
}

async function endOf(
  program: string,
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): Promise<FfmpegEnd> {
  let complaint = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-KEPT)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, complaint };
  } catch (error) {
    throw notStarted(program, error);
  }
}

/** The last line in which ffmpeg says what is wrong, without passwords. */
export function lastLine({ complaint, code }: FfmpegEnd): string {
  const lines = complaint.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return redacted(lines.at(-1)?.trim() ?? `exit code ${code ?? 'none'}`);
}

function notStarted(program: string, cause: unknown): InputError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return new InputError(
    {
      where: program,
      received: missing ? 'no such program' : `"${messageOf(cause)}"`,
      expected: 'ffmpeg, which reads and writes video',
      remedy: `install it (${installHint()}); a folder of pictures needs none`,
    },
    { cause },
  );
}

/** How ffmpeg is installed on this system. */
function installHint(): string {
  if (process.platform === 'darwin') return 'brew install ffmpeg';
  return process.platform === 'win32' ? 'winget install ffmpeg' : 'apt install ffmpeg';
}
