import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('stub.c', import.meta.url));

/**
 * Whether a C compiler is missing. Tests of the stub are left out without one, by name in the report, but not under CI:
 * there they fail.
 */
export const withoutCompiler: boolean =
  process.env['CI'] === undefined && spawnSync('cc', ['--version']).status !== 0;

/** Compiles the stub of HailoRT, by the system's C compiler, into a folder that `remove` deletes. */
export function stubFolder(): {
  /** Path of a stub built with these definitions, e.g. `{ STUB_DEVICES: 0 }`. */
  readonly build: (definitions?: Readonly<Record<string, number>>) => string;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'mien-hailo-stub-'));
  let count = 0;
  return {
    build: (definitions = {}) => {
      const path = join(folder, `libhailort-stub-${++count}.so`);
      const flags = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
      const args = ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-pthread', ...flags, '-o', path, SOURCE];
      execFileSync('cc', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A "HEF" that the stub understands. */
export function stubHef(kind: string): Uint8Array {
  return new TextEncoder().encode(`HEF ${kind}`);
}
