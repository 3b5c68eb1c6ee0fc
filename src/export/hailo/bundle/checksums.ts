import { InputError } from '../../../core/errors.js';

/** SHA-256 of files by their paths inside a folder, separated by `/`. */
export type Checksums = ReadonlyMap<string, string>;

/** The text of `SHA256SUMS`, which `sha256sum -c` checks: hexadecimal digest, two spaces, path; sorted by path. */
export function formatChecksums(checksums: Checksums): string {
  return [...checksums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, digest]) => `${digest}  ${path}\n`)
    .join('');
}

/** Reads {@link formatChecksums}. @throws InputError on a line of another form, or a path that leaves the folder */
export function parseChecksums(where: string, text: string): Checksums {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const checksums = new Map<string, string>();
  for (const line of lines) {
    const [, digest, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    const inside = path !== undefined && !/^[/\\]|(^|[/\\])\.\.([/\\]|$)|^[A-Za-z]:/.test(path);
    if (digest === undefined || !inside) {
      const received = `the line ${JSON.stringify(line.slice(0, 100))}`;
      throw new InputError({ where, received, expected: 'lines of a SHA-256 digest and a path inside' });
    }
    checksums.set(path, digest);
  }
  return checksums;
}
