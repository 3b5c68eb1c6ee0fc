import { fileURLToPath } from 'node:url';

import type { Command } from 'commander';

import type { MienServer } from '../../../src/server.js';
import { listenForInterrupt } from '../interrupt.js';
import { MODELS, repeated, wholeOf, withCache, withDebug } from '../options.js';
import { print } from '../output.js';

interface StudioFlags {
  readonly port: number;
  readonly runs: string;
  readonly data?: string;
  readonly model?: readonly string[];
  readonly cacheDir: string;
}

/** Milliseconds for open requests when it ends. */
const GRACE = 2000;

/** `mien studio`. */
export function addStudio(program: Command): void {
  const command = program
    .command('studio')
    .description(
      'Train, look at results, explain, try, clean data and export in a browser page of this machine.',
    )
    .option('--port <n>', 'port to listen on; 0: any free one', wholeOf, 8010)
    .option('--runs <folder>', 'folder of the training runs', 'runs')
    .option('--data <path>', 'data folder or CSV file of the Data page (default: none)')
    .option('--model <model>', `${MODELS.layers}; repeat for several (default: "mien")`, repeated)
    .addHelpText(
      'after',
      '\nOnly this machine reaches it. Ctrl-C ends it; trainings that it started save first.',
    );
  withDebug(withCache(command)).action(runStudio);
}

async function runStudio({ model, ...flags }: StudioFlags): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    listenForInterrupt(resolve);
  });
  // Loaded here, so that no other command pays for it.
  const { startStudio } = await import('../../../src/server.js');
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const studio: MienServer = await startStudio({
    ...flags,
    ...(model === undefined ? {} : { models: model }),
    logLevel: 'warn',
    command: [process.execPath, main],
  });
  await print(`Mien's studio: ${studio.url}/studio/ (Ctrl-C ends it)\n`);
  await ended;
  await studio.close(GRACE);
}
