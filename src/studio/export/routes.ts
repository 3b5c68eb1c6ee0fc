import { createReadStream } from 'node:fs';
import { basename, join, relative } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { exportFormats, exportPrecisions } from '../../jobs/export-formats.js';
import { freeRunName } from '../../jobs/run-folder.js';
import type { ExportAnswer, ExportedFile, ExportFormats, Job, LatencyRow } from '../api.js';
import { modelSource } from '../models.js';
import { addGet, addPost, API, notThere, Query, wrongValue, type StudioParts } from '../parts.js';
import { cache } from '../runs/routes.js';

/** Exports that were started, by job: where their files lie. */
type Folders = Map<string, string>;

/** Writes a model for other tools, measures it, and hands the files out. */
export function addExportRoutes(app: FastifyInstance, parts: StudioParts): void {
  const { children } = parts;
  const folders: Folders = new Map();
  addGet(app, '/export/formats', (): ExportFormats => ({
    formats: exportFormats,
    precisions: exportPrecisions,
  }));
  addPost(app, '/export/start', (body): Job => startExport(body, parts, folders));
  addGet(app, '/export/job', (query): ExportAnswer => {
    const id = query.text('id');
    return { job: children.job(id), files: filesOf(id, parts, folders) };
  });
  app.get(`${API}/export/file`, { schema: { hide: true } }, (request, reply) => {
    const query = new Query(request.query);
    const id = query.text('id');
    const wanted = query.text('path');
    // Only what the export itself has listed.
    const file = filesOf(id, parts, folders).find(({ path }) => path === wanted);
    const folder = folders.get(id);
    if (file === undefined || folder === undefined) throw notThere('path', 'a file of the export');
    const name = basename(file.path).replace(/[^\w.-]/g, '_');
    return reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(createReadStream(join(folder, file.path)));
  });
  addBenchmarkRoutes(app, parts, folders);
}

function startExport(body: Query, parts: StudioParts, folders: Folders): Job {
  const id = body.text('model');
  const source = modelSource(parts, id);
  const formats = chosen(body, 'formats', exportFormats);
  const precisions = chosen(body, 'precisions', exportPrecisions);
  const out = freeRunName(join(parts.runs, 'studio', 'exports'), id.replace(/[^\w.-]+/g, '-'));
  const args = [
    ...['export', `--format=${formats.join(',')}`, `--precision=${precisions.join(',')}`, `--out=${out}`],
    ...(parts.data === undefined ? [] : [`--data=${parts.data}`]),
    ...['--json', ...cache(parts), '--', source],
  ];
  const job = parts.children.start({ verb: 'export', subject: id, args });
  folders.set(job.id, out);
  return job;
}

function chosen<T extends string>(body: Query, name: string, choices: readonly T[]): readonly T[] {
  const wanted = body.texts(name);
  const found = choices.filter((choice) => wanted.includes(choice));
  if (found.length > 0 && found.length === wanted.length) return found;
  throw wrongValue(name, wanted.length === 0 ? 'none' : 'an unknown one', `some of ${choices.join(', ')}`);
}

function filesOf(id: string, { children }: StudioParts, folders: Folders): ExportedFile[] {
  const folder = folders.get(id);
  const document = children.document(id) as { readonly files?: readonly ExportedFile[] } | undefined;
  if (folder === undefined || document?.files === undefined) return [];
  return document.files.map(({ path, bytes }) => ({
    path: relative(folder, path).replaceAll('\\', '/'),
    bytes,
  }));
}

/** Timed passes of one picture. */
const RUNS = 20;

interface BenchmarkDocument {
  readonly rows: readonly ({ readonly model: string } & Pick<LatencyRow, 'engine' | 'error'> & {
      readonly latency: { readonly p50: number } | null;
    })[];
}

function addBenchmarkRoutes(app: FastifyInstance, parts: StudioParts, folders: Folders): void {
  addPost(app, '/export/benchmark', (body): Job => {
    const id = body.text('id');
    const measurable = filesOf(id, parts, folders).filter(({ path }) => /^[^/]+\.(onnx|tflite)$/.test(path));
    const folder = folders.get(id);
    if (folder === undefined || measurable.length === 0)
      throw notThere('id', 'an export with ONNX or TFLite files');
    const files = measurable.map(({ path }) => join(folder, path));
    const args = ['benchmark', '--json', `--runs=${RUNS}`, ...cache(parts), '--', ...files];
    return parts.children.start({ verb: 'benchmark', subject: folder, args });
  });
  addGet(app, '/export/latency', (query): readonly LatencyRow[] => {
    const document = parts.children.document(query.text('id')) as BenchmarkDocument | undefined;
    return (document?.rows ?? []).map(({ model, engine, latency, error }) => ({
      ...{ file: basename(model), engine, error, milliseconds: latency?.p50 ?? null },
    }));
  });
}
