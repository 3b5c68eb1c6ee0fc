import { statSync } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import { InputError } from '../core/errors.js';
import { packageVersion } from '../jobs/package.js';
import { checkExists } from '../jobs/picture-files.js';
import { netNames } from '../models/nets.js';
import { startServer, type MienServer, type ServeOptions } from '../serve/server.js';
import { recipes } from '../train/recipes/index.js';
import type { StudioInfo } from './api.js';
import { Children } from './children.js';
import { addDataRoutes } from './data/routes.js';
import { addEvaluationRoutes } from './evaluation/routes.js';
import { addExplainRoutes } from './explain/routes.js';
import { addExportRoutes } from './export/routes.js';
import { checkSameOrigin, ISOLATION } from './guard.js';
import { addJobRoutes } from './job-routes.js';
import { addPage } from './page.js';
import { addGet, API, type StudioParts } from './parts.js';
import { modelChoices } from './models.js';
import { addRunRoutes } from './runs/routes.js';
import { addTryRoutes } from './try/routes.js';

/** Options of {@link startStudio}. */
export interface StudioOptions extends Pick<ServeOptions, 'port' | 'logLevel' | 'workers' | 'workerUrl'> {
  /** Folder of the runs; default `runs`. */
  readonly runs?: string;
  /** Data root or CSV file of the Data page. */
  readonly data?: string;
  /** Models beside the runs; default `mien`. */
  readonly models?: readonly string[];
  /** Folder of decoded pictures. */
  readonly cacheDir?: string;
  /** Program and first arguments that start `mien`, for jobs. */
  readonly command: readonly string[];
}

/**
 * A server with the studio's page, on this machine's loopback address only.
 * @throws InputError when the data is missing, the runs are no folder, the page was not built, a model is missing or
 * the port is taken
 * @example
 * const studio = await startStudio({ port: 0, command: [process.execPath, 'dist/apps/cli/main.js'] });
 * console.log(`${studio.url}/studio/`);
 * await studio.close();
 */
export async function startStudio(options: StudioOptions): Promise<MienServer> {
  const { runs = 'runs', data, models = ['mien'], cacheDir, command, ...server } = options;
  checkPlaces(runs, data);
  const children = new Children(command);
  const parts: StudioParts = { runs, data, models, cacheDir, children };
  const extension = { home: '/studio/runs', add: (app: FastifyInstance) => addStudio(app, parts) };
  const started = await startServer({ workers: 1, port: 8010, ...server, models, extension });
  return {
    url: started.url,
    close: async (grace) => {
      await children.close();
      await started.close(grace);
    },
  };
}

/** The folder of runs may be made later, by the first training. */
function checkPlaces(runs: string, data: string | undefined): void {
  if (data !== undefined) checkExists(data, 'a data folder or a CSV file');
  if (statSync(runs, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  throw new InputError({ where: runs, received: 'a file', expected: 'a folder of runs' });
}

/** The studio's routes, apart from the server's other ones. */
async function addStudio(app: FastifyInstance, parts: StudioParts): Promise<void> {
  await app.register((studio, _, done) => {
    studio.addHook('onRequest', async ({ headers, method, url }, reply) => {
      reply.headers(ISOLATION);
      // A link elsewhere may lead to a page; everything else is for the page itself.
      const opensPage = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && !url.startsWith(API);
      if (!opensPage) checkSameOrigin(headers);
      return Promise.resolve();
    });
    addPage(studio);
    addRoutes(studio, parts);
    done();
  });
}

function addRoutes(app: FastifyInstance, parts: StudioParts): void {
  addGet(app, '/info', (): StudioInfo => infoOf(parts));
  addJobRoutes(app, parts);
  addRunRoutes(app, parts);
  addEvaluationRoutes(app, parts);
  addExplainRoutes(app, parts);
  addDataRoutes(app, parts);
  addExportRoutes(app, parts);
  addTryRoutes(app, parts);
}

function infoOf(parts: StudioParts): StudioInfo {
  return {
    version: packageVersion(),
    runs: parts.runs,
    data: parts.data ?? null,
    models: modelChoices(parts),
    recipes: recipes.map(({ name }) => name),
    nets: netNames,
  };
}
