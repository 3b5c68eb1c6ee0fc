// Starts child processes for the other scripts, the same way on every platform.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a Node script in the repository and returns its exit code. Ctrl-C reaches the child, which decides
 * what to do; this process waits for it.
 */
export function runNode(script, args, { env = {}, cwd = root } = {}) {
  const wait = () => undefined;
  process.on('SIGINT', wait);
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${script} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
