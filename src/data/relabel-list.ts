import { InputError } from '../core/errors.js';

const HEADER = '# Corrected labels: a name below the data root per line, a tab, the class.';

/** The text of a list that `mien train --relabel` reads. */
export function formatRelabelList(labels: ReadonlyMap<string, string>): string {
  return `${[HEADER, ...[...labels].map(([name, label]) => `${name}\t${label}`)].join('\n')}\n`;
}

/**
 * Names and classes of such a list; empty lines and those that begin with # do not count, and the last line of a name holds.
 * @throws InputError on a line without a class
 */
export function parseRelabelList(where: string, text: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name = '', label = ''] = line.split('\t').map((cell) => cell.trim());
    if (name === '' || label === '') throw noClass(`${where} line ${index + 1}`, line);
    labels.set(name, label);
  }
  return labels;
}

function noClass(where: string, line: string): InputError {
  const expected = 'a name, a tab and a class, e.g. train/happy/1.jpg<tab>neutral';
  return new InputError({ where, received: `"${line.slice(0, 80)}"`, expected });
}
