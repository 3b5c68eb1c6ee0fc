import { auditExact } from '../data/audit.js';
import { auditNear, joinSets } from '../data/audit-near.js';
import { auditQuality } from '../data/audit-quality.js';
import type { DataAudit, NotAFace } from '../data/data-audit.js';
import type { ImageSet, Split } from '../data/images.js';
import { isNoFace, NOT_A_FACE, voteFor, type Votes } from '../data/votes.js';
import { classesOf, loadHalf, splitsOf, type DataOptions } from './data-job.js';
import { auditLabels } from './audit-runs.js';
import { isDrawnData } from './drawn-data.js';
import type { JobHooks } from './events.js';
import { readVotes } from './read-votes.js';

/** What {@link auditData} looks at. */
export interface AuditOptions extends DataOptions {
  /** CSV of people's votes, such as FER+; also `.gz`. */
  readonly votes?: string;
  /** Folders of finished runs, whose answers to their own validation parts say which labels are probably wrong. */
  readonly runs?: readonly string[];
}

/** An audit with the pictures that it is about. */
export interface AuditedData {
  readonly audit: DataAudit;
  readonly sets: Readonly<Partial<Record<Split, ImageSet>>>;
}

/**
 * Audits a data set: exact and near copies within and across splits, contradicting labels, constant pictures,
 * brightness, contrast and sharpness, pictures that are no faces (by votes, and by rules of thumb), and probable
 * label errors (by runs).
 *
 * @throws InputError when data, votes or runs are missing or damaged, or do not fit each other
 * @example
 * const { audit } = await auditData({ data: 'fer2013', runs: ['runs/a', 'runs/b'] });
 * console.log(audit.leaked?.images, audit.near.groups.length, audit.labels?.errors.slice(0, 10));
 */
export async function auditData(options: AuditOptions, hooks: JobHooks = {}): Promise<AuditedData> {
  const { data, size = 48, votes: votesFile, runs = [] } = options;
  const classes = options.classes ?? classesOf(data);
  // What can be wrong is read before what takes long.
  const votes = votesFile === undefined ? undefined : readVotes('--ferplus', votesFile);
  const sets: Partial<Record<Split, ImageSet>> = {};
  for (const split of splitsOf(data)) sets[split] = await loadHalf(options, split, hooks);
  const { train } = sets;
  const labels = train && runs.length > 0 ? { labels: auditLabels(runs, train, votes) } : {};
  const joined = joinSets(sets);
  const report = (what: string, done: number, total: number) =>
    hooks.onEvent?.({ kind: 'working', what, done, total });
  report('comparing pictures', 0, joined.splits.length);
  const audit: DataAudit = {
    ...auditExact(sets),
    ...{ data, classes, size, drawn: isDrawnData(data) },
    quality: auditQuality(joined, (done, total) => report('measuring pictures', done, total)),
    near: auditNear(joined, { onProgress: report }),
    ...(votes && train ? { notFaces: notFacesOf(train, votes) } : {}),
    ...labels,
  };
  return { audit, sets };
}

function notFacesOf(train: ImageSet, votes: Votes): NotAFace[] {
  return train.names.flatMap((name, image) => {
    const given = votes.byName.get(name);
    if (given === undefined || !isNoFace(given, votes.answers)) return [];
    const all = given.reduce((a, b) => a + b, 0);
    const label = train.classes[train.labels[image] ?? 0] ?? '';
    return [{ name, class: label, votes: [voteFor(given, votes.answers, NOT_A_FACE), all] as const }];
  });
}
