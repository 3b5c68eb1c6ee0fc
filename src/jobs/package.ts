import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Path of a file that the package carries, found from the package's root: the same from sources and from the
 * compiled modules, which lie one folder deeper.
 *
 * @example readFileSync(packageFile('assets', 'mien.safetensors'));
 */
export function packageFile(...parts: readonly string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, ...parts);
}

/** Mien's own version. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version?: string };
  return version ?? 'unknown';
}
