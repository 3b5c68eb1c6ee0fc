import { existsSync, statSync } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import { InputError } from '../../core/errors.js';
import { decodeImage } from '../../data/decode.js';
import type { Picture } from '../../data/images.js';
import { EXPLAIN_METHODS, openExplainer, type Explainer } from '../../jobs/explain-job.js';
import { isRunFolder, runFolder } from '../../jobs/run-folder.js';
import { ortNode } from '../../runtime/node/ort.js';
import { checkPicture, PictureError } from '../../serve/engine/prepare.js';
import { RequestError } from '../../serve/http/problem.js';
import type { Explanation } from '../api.js';
import { DataSources } from '../data/data-source.js';
import { modelSource } from '../models.js';
import { addGet, API, Query, wrongValue, type StudioParts } from '../parts.js';

/** Most pixels of a dropped picture. */
const MOST_PIXELS = 50_000_000;

/** Explains a dropped picture, or one of the data by its name. */
export function addExplainRoutes(app: FastifyInstance, parts: StudioParts): void {
  const explainers = new Explainers();
  const sources = new DataSources(parts.cacheDir);
  app.addHook('onClose', () => explainers.close());
  addGet(app, '/explain/classes', (query) =>
    explainers.use(modelSource(parts, query.text('model')), ({ classes }) => classes),
  );
  app.post(`${API}/explain`, { schema: { hide: true } }, async (request): Promise<Explanation> => {
    const query = new Query(request.query);
    const source = modelSource(parts, query.text('model'));
    const name = query.maybe('name');
    const picture =
      name === undefined ? await readPicture(request.body) : await sources.open(dataOf(parts)).picture(name);
    return explainers.use(source, (explainer) => explain(explainer, picture, query));
  });
}

async function explain(explainer: Explainer, picture: Picture, query: Query): Promise<Explanation> {
  const method = query.oneOf('method', EXPLAIN_METHODS, 'grad-cam');
  const target = query.maybe('class');
  if (target !== undefined) query.oneOf('class', explainer.classes);
  const started = performance.now();
  const { map, target: explained, probabilities, layer } = await explainer.explain(picture, method, target);
  const values = Array.from(map.values, (value) => Math.round(1000 * value) / 1000);
  const milliseconds = Math.round(performance.now() - started);
  return { method, class: explained, probabilities, map: { ...map, values }, layer, milliseconds };
}

function dataOf({ data }: StudioParts): string {
  if (data !== undefined) return data;
  throw wrongValue('name', 'a name without --data', 'a dropped picture');
}

async function readPicture(body: unknown) {
  if (!Buffer.isBuffer(body)) throw wrongValue('body', 'no picture', 'the bytes of a picture');
  try {
    checkPicture({ bytes: body, where: 'picture' }, MOST_PIXELS);
    return await decodeImage(body, 'picture', { maxPixels: MOST_PIXELS });
  } catch (error) {
    if (error instanceof PictureError)
      throw new RequestError(error.failure.status, error.failure.code, error.failure.problem);
    if (error instanceof InputError) throw new RequestError(422, 'damaged_picture', error.problem);
    throw error;
  }
}

/**
 * The model that was asked for last; a run's is opened anew when its weights have changed. One request after the other,
 * so that none meets a model that another has closed.
 */
class Explainers {
  private key = '';
  private explainer: Explainer | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  /** @throws RequestError 422 when the model cannot be explained */
  use<T>(source: string, work: (explainer: Explainer) => T | Promise<T>): Promise<T> {
    const turn = this.queue.then(async () => work(await this.open(source)));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.explainer?.close();
    this.explainer = undefined;
  }

  private async open(source: string): Promise<Explainer> {
    const key = `${source} ${changedAt(source)}`;
    if (this.explainer !== undefined && key === this.key) return this.explainer;
    await this.explainer?.close();
    this.explainer = undefined;
    try {
      this.explainer = await openExplainer(ortNode(), source);
    } catch (error) {
      if (error instanceof InputError) throw new RequestError(422, 'unusable_model', error.problem);
      throw error;
    }
    this.key = key;
    return this.explainer;
  }
}

function changedAt(source: string): number {
  const file = isRunFolder(source) ? runFolder(source).best : source;
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}
