import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { writeFileAtomic } from '../../core/files.js';
import { netNames } from '../../models/nets.js';
import { recipes } from '../../train/recipes/index.js';
import type { Job, RunDetail, RunSummary } from '../api.js';
import { editLists } from '../data/edit-lists.js';
import { addGet, addPost, wrongValue, type Query, type StudioParts } from '../parts.js';
import { findRun, listRuns, runDetail, summaryOf } from './list-runs.js';

/** Lists runs, tells of one, starts, stops and goes on. */
export function addRunRoutes(app: FastifyInstance, parts: StudioParts): void {
  const { runs, children } = parts;
  const jobOf = (id: string) => children.latest('train', id);
  addGet(app, '/runs', (): RunSummary[] =>
    listRuns(runs).flatMap((id) => summaryOf(runs, id, jobOf(id)) ?? []),
  );
  addGet(app, '/run', (query): RunDetail | null => {
    const id = query.text('run');
    // A training that still reads its pictures has no folder.
    if (jobOf(id) !== undefined && !listRuns(runs).includes(id)) return null;
    return runDetail(runs, id, jobOf(id));
  });
  addGet(app, '/runs/job', (query): Job | null => jobOf(query.text('run')) ?? null);
  addPost(app, '/runs/start', (body): Job => startRun(body, parts));
  addPost(app, '/runs/resume', (body): Job => {
    const id = body.text('run');
    const { root } = findRun(runs, id);
    return children.start({
      verb: 'train',
      subject: id,
      args: ['train', `--resume=${root}`, ...cache(parts)],
    });
  });
}

function startRun(body: Query, parts: StudioParts): Job {
  const name = body.text('name');
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u.test(name))
    throw wrongValue('name', 'another name', 'letters, digits, "-", "_" and "."');
  const out = join(parts.runs, name);
  if (existsSync(out)) throw wrongValue('name', 'the name of a folder that is there', 'a new one');
  // "--option=value" keeps a value that begins with "-" from being read as an option.
  const args = [
    ...['train', `--data=${body.text('data')}`, `--out=${out}`],
    `--recipe=${body.oneOf(
      'recipe',
      recipes.map((recipe) => recipe.name),
      'default',
    )}`,
    `--net=${body.oneOf('net', netNames, 'mobileNetV3Small')}`,
    ...option('classes', body.texts('classes').join(',')),
    ...option('epochs', body.wholes('epochs').join(',')),
    ...option('weights', body.maybe('weights') ?? ''),
    ...numberOption('input-size', body.whole('inputSize', 0, 1024)),
    ...numberOption('batch-size', body.whole('batchSize', 0, 4096)),
    ...listOptions(body, parts, name),
    ...cache(parts),
  ];
  return parts.children.start({ verb: 'train', subject: name, args });
}

/**
 * What was decided on the Data page, where a person wants it to count: copies, for a training only goes on with the lists
 * that it began with.
 */
function listOptions(body: Query, parts: StudioParts, run: string): string[] {
  const lists = editLists(parts);
  if (lists === undefined) return [];
  const wanted = (['exclude', 'relabel'] as const).filter(
    (kind) => body.flag(kind) && existsSync(lists[kind]),
  );
  return wanted.map((kind) => {
    const copy = join(lists.folder, 'runs', `${run}-${kind}.txt`);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileAtomic(copy, readFileSync(lists[kind]));
    return `--${kind}=${copy}`;
  });
}

function option(name: string, value: string): string[] {
  return value === '' ? [] : [`--${name}=${value}`];
}

function numberOption(name: string, value: number): string[] {
  return value === 0 ? [] : [`--${name}=${value}`];
}

/** Where decoded pictures lie. */
export function cache({ cacheDir }: Pick<StudioParts, 'cacheDir'>): string[] {
  return cacheDir === undefined ? [] : [`--cache-dir=${cacheDir}`];
}
