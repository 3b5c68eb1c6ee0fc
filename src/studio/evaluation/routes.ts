import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { settingsOfRun } from '../../jobs/run-settings.js';
import type { Evaluation, EvaluationAnswer, Job } from '../api.js';
import { DataSources } from '../data/data-source.js';
import { sendPicture } from '../data/send-picture.js';
import { addGet, addPost, API, Query, type StudioParts } from '../parts.js';
import { cache } from '../runs/routes.js';
import { findRun } from '../runs/list-runs.js';
import { readSamples } from './samples.js';

const SPLITS = ['test', 'validation'] as const;

/** A run's report, the pictures behind it, and an evaluation on demand. */
export function addEvaluationRoutes(app: FastifyInstance, parts: StudioParts): void {
  const { runs, children } = parts;
  addGet(app, '/evaluation', (query): EvaluationAnswer => answerOf(folderOf(query, runs)));
  addGet(
    app,
    '/evaluation/job',
    (query): Job | null => children.latest('evaluate', subjectOf(query)) ?? null,
  );
  addPost(app, '/evaluation/start', (body): Job => {
    const { root } = findRun(runs, body.text('run'));
    const split = body.oneOf('split', SPLITS, 'test');
    const args = ['evaluate', `--model=${root}`, `--split=${split}`, '--json', ...cache(parts)];
    return children.start({ verb: 'evaluate', subject: subjectOf(body), args });
  });
  addRunPictures(app, parts);
}

/** Pictures of the data that a run was trained on. */
function addRunPictures(app: FastifyInstance, { runs, cacheDir }: StudioParts): void {
  const sources = new DataSources(cacheDir);
  app.get(`${API}/run/picture`, { schema: { hide: true } }, async (request, reply) => {
    const query = new Query(request.query);
    const { root } = findRun(runs, query.text('run'));
    const picture = await sources.open(settingsOfRun(root).data).picture(query.text('name'));
    return sendPicture(reply, picture);
  });
}

function subjectOf(query: Query): string {
  return `${query.text('run')} (${query.oneOf('split', SPLITS, 'test')})`;
}

function folderOf(query: Query, runs: string): string {
  const { evaluation } = findRun(runs, query.text('run'));
  return query.oneOf('split', SPLITS, 'test') === 'test' ? evaluation : join(evaluation, 'validation');
}

function answerOf(folder: string): EvaluationAnswer {
  const path = join(folder, 'report.json');
  if (!existsSync(path)) return { report: null, samples: [] };
  const report = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
  return { report, samples: readSamples(folder, report.classes) };
}
