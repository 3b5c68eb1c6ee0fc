import { InputError } from '../core/errors.js';

/** Why a training picture may be left out. */
export const CLEAN_REASONS = {
  copy: 'an exact copy of an earlier picture',
  conflict: 'an exact copy of a picture with another label',
  constant: 'one colour throughout',
  'not-a-face': 'called no face by at least half of the voters',
  'label-error': 'probably a wrong label',
  leaked: 'an exact copy of a test picture',
  'near-copy': 'a near copy of an earlier picture',
  'near-conflict': 'a near copy of a picture with another label',
  'near-leaked': 'a near copy of a test picture',
} as const;

/** One of {@link CLEAN_REASONS}. */
export type CleanReason = keyof typeof CLEAN_REASONS;

/** Pictures to leave out, each with its reasons. */
export type CleanList = ReadonlyMap<string, readonly CleanReason[]>;

const HEADER =
  '# Pictures to leave out of training: a name below the data root per line, then a tab and why.';

/** The text of a list that `mien train --exclude` reads. */
export function formatCleanList(list: CleanList): string {
  const rows = [...list].map(([name, reasons]) => `${name}\t${reasons.join(', ')}`);
  return `${[HEADER, ...rows].join('\n')}\n`;
}

/**
 * The names in such a list: a name per line, up to a tab; empty lines and those that begin with # do not count.
 * @throws InputError when there is none
 */
export function parseCleanList(where: string, text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = lines.flatMap((line) => {
    const [name = ''] = line.split('\t');
    return name.trim() === '' || line.startsWith('#') ? [] : [name.trim()];
  });
  if (names.length > 0 || text.startsWith(HEADER)) return [...new Set(names)];
  throw new InputError({
    where,
    received: 'no name',
    expected: 'a name of a training picture per line, e.g. train/happy/1.jpg',
  });
}
