import { existsSync, statSync } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import { InputError } from '../../core/errors.js';
import { decodeImage } from '../../data/decode.js';
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
  addGet(
    app,
    '/explain/classes',
    async (query) => (await explainers.open(modelSource(parts, query.text('model')))).classes,
  );
  app.post(`${API}/explain`, { schema: { hide: true } }, async (request): Promise<Explanation> => {
    const query = new Query(request.query);
    const explainer = await explainers.open(modelSource(parts, query.text('model')));
    const method = query.oneOf('method', EXPLAIN_METHODS, 'grad-cam');
    const target = query.maybe('class');
    if (target !== undefined) query.oneOf('class', explainer.classes);
    const name = query.maybe('name');
    const picture =
      name === undefined ? await readPicture(request.body) : await sources.open(dataOf(parts)).picture(name);
    const started = performance.now();
    const { map, target: explained, probabilities, layer } = await explainer.explain(picture, method, target);
    const values = Array.from(map.values, (value) => Math.round(1000 * value) / 1000);
    const milliseconds = Math.round(performance.now() - started);
    return { method, class: explained, probabilities, map: { ...map, values }, layer, milliseconds };
  });
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

/** The model that was asked for last; a run's is opened anew when its weights have changed. */
class Explainers {
  private key = '';
  private opened: Promise<Explainer> | undefined;

  async open(source: string): Promise<Explainer> {
    const key = `${source} ${changedAt(source)}`;
    if (key !== this.key || this.opened === undefined) {
      const before = this.opened;
      this.key = key;
      this.opened = openExplainer(ortNode(), source);
      await before?.then((explainer) => explainer.close()).catch(() => undefined);
    }
    try {
      return await this.opened;
    } catch (error) {
      this.opened = undefined;
      if (error instanceof InputError) throw new RequestError(422, 'unusable_model', error.problem);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.opened?.then((explainer) => explainer.close()).catch(() => undefined);
  }
}

function changedAt(source: string): number {
  const file = isRunFolder(source) ? runFolder(source).best : source;
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}
