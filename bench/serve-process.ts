import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { packageFile } from '../src/jobs/package.js';

/** A running `mien serve`. */
export interface ServeProcess {
  readonly url: string;
  /** A figure of /metrics, e.g. `process_resident_memory_bytes`. */
  figure(name: string): Promise<number>;
  close(): Promise<number | null>;
}

/** Starts the command as a person does. */
export async function startServe(options: readonly string[]): Promise<ServeProcess> {
  const main = packageFile(join('dist', 'apps', 'cli', 'main.js'));
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await addressOf(child);
  return { url, figure: (name) => figureOf(url, name), close: () => end(child) };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const found = /http:\/\/\S+(?= \()/.exec(text);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`mien serve ended with code ${code ?? 'none'}`)));
  });
}

/** Sum over all labels. */
async function figureOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function end(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  return child.exitCode;
}
