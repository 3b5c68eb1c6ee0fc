import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';

import type { StudioParts } from '../parts.js';

/** Where decisions about a data set are kept. */
export interface EditLists {
  /** Folder of the two lists and of the audit, beside the runs and never among the pictures. */
  readonly folder: string;
  readonly exclude: string;
  readonly relabel: string;
}

/** The lists of the studio's data; undefined where no data was given. */
export function editLists({ data, runs }: Pick<StudioParts, 'data' | 'runs'>): EditLists | undefined {
  if (data === undefined) return undefined;
  // Two data sets of one name are told apart by where they lie.
  const place = createHash('sha256').update(resolve(data)).digest('hex').slice(0, 8);
  const folder = join(runs, 'studio', `${basename(resolve(data))}-${place}`);
  return { folder, exclude: join(folder, 'exclude.txt'), relabel: join(folder, 'relabel.txt') };
}
