import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { faultsOf, type DataAudit } from '../../data/data-audit.js';
import type { AuditAnswer, AuditSection, DataAnswer, DataEdits, Job, PicturesAnswer } from '../api.js';
import { addGet, addPost, API, Query, wrongValue, type StudioParts } from '../parts.js';
import { cache } from '../runs/routes.js';
import { DataSources, type DataSource } from './data-source.js';
import { editLists, type EditLists } from './edit-lists.js';
import { Edits } from './edits.js';
import { sendPicture } from './send-picture.js';

const SPLITS = ['train', 'test'] as const;

/** The data with what was decided about it. */
interface OpenData {
  readonly root: string;
  readonly source: DataSource;
  readonly lists: EditLists;
  readonly edits: Edits;
}

/** Browses the data, audits it, and keeps what a person decides. */
export function addDataRoutes(app: FastifyInstance, parts: StudioParts): void {
  const data = openData(parts);
  addGet(app, '/data', async (): Promise<DataAnswer> => {
    const { root, source, lists, edits } = data();
    const halves = await Promise.all(
      SPLITS.map(async (split) => ({ split, found: await source.list(split) })),
    );
    const splits = halves.flatMap(({ split, found }) =>
      found === undefined
        ? []
        : [{ split, classes: [...found].map(([name, names]) => ({ name, count: names.length })) }],
    );
    return { root, splits, edits: edits.current(), lists };
  });
  addGet(app, '/data/pictures', async (query): Promise<PicturesAnswer> => {
    const found = await data().source.list(query.oneOf('split', SPLITS));
    const names = found?.get(query.text('class')) ?? [];
    const from = query.whole('from', 0);
    return { total: names.length, names: names.slice(from, from + query.whole('count', 48, 500)) };
  });
  app.get(`${API}/data/picture`, { schema: { hide: true } }, async (request, reply) =>
    sendPicture(reply, await data().source.picture(new Query(request.query).text('name'))),
  );
  addEditRoutes(app, data);
  addAuditRoutes(app, data, parts);
}

/** Opens the data when it is first asked for. */
function openData(parts: StudioParts): () => OpenData {
  const { data: root, cacheDir } = parts;
  const lists = editLists(parts);
  let opened: OpenData | undefined;
  return () => {
    if (root === undefined || lists === undefined)
      throw wrongValue('data', 'a studio without --data', 'one that was started with --data PATH');
    opened ??= { root, lists, source: new DataSources(cacheDir).open(root), edits: new Edits(lists) };
    return opened;
  };
}

function addEditRoutes(app: FastifyInstance, data: () => OpenData): void {
  addPost(app, '/data/edit', async (body): Promise<DataEdits> => {
    const { edits, source } = data();
    const names = body.texts('names');
    const train = (await source.list('train')) ?? new Map<string, readonly string[]>();
    const known = new Set([...train.values()].flat());
    if (names.length === 0 || !names.every((name) => known.has(name)))
      throw wrongValue('names', 'a name of no training picture', 'names of training pictures');
    const action = body.oneOf('action', ['exclude', 'include', 'relabel']);
    if (action === 'relabel') edits.relabel(names, body.oneOf('label', [...train.keys()]));
    else edits[action](names);
    return edits.current();
  });
  addPost(app, '/data/undo', (): DataEdits => {
    const { edits } = data();
    edits.undo();
    return edits.current();
  });
}

function addAuditRoutes(app: FastifyInstance, data: () => OpenData, parts: StudioParts): void {
  const { children } = parts;
  addPost(app, '/data/audit/start', (): Job => {
    const { root, lists } = data();
    const args = ['data', 'audit', `--data=${root}`, `--out=${lists.folder}`, ...cache(parts)];
    return children.start({ verb: 'audit', subject: root, args });
  });
  addGet(app, '/data/audit', async (): Promise<AuditAnswer> => {
    const { root, source, lists } = data();
    const path = join(lists.folder, 'audit.json');
    const audit = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DataAudit) : undefined;
    const sections = audit === undefined ? null : sectionsOf(audit, classesOf(await source.list('train')));
    return { job: children.latest('audit', root) ?? null, sections };
  });
}

/** The class of every picture of a half. */
function classesOf(half: ReadonlyMap<string, readonly string[]> = new Map()): Map<string, string> {
  return new Map([...half].flatMap(([label, names]) => names.map((name) => [name, label] as const)));
}

/** Training pictures by what an audit finds wrong with them. */
function sectionsOf(audit: DataAudit, classes: ReadonlyMap<string, string>): AuditSection[] {
  const suggestions = new Map(audit.labels?.errors.map(({ name, suggested }) => [name, suggested]));
  const byReason = new Map<string, AuditSection['findings'][number][]>();
  for (const [name, reasons] of faultsOf(audit))
    for (const reason of reasons) {
      const suggested = reason === 'label-error' ? (suggestions.get(name) ?? '') : '';
      const findings = byReason.get(reason) ?? [];
      findings.push({ name, class: classes.get(name) ?? '', note: suggested });
      byReason.set(reason, findings);
    }
  return [...byReason].map(([reason, findings]) => ({ reason, findings }));
}
