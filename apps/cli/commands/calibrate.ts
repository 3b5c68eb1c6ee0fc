import type { Command } from 'commander';

import { calibrateJob, ortNode, type Calibrated } from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { withCache, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

interface CalibrateFlags {
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien calibrate`. */
export function addCalibrate(program: Command): void {
  const command = program
    .command('calibrate')
    .description("Fit a run's temperature on its validation part, so that its probabilities can be trusted.")
    .argument('<run>', 'folder of a finished run that held images out');
  withDebug(withJson(withCache(command))).action(runCalibrate);
}

async function runCalibrate(run: string, { json, ...flags }: CalibrateFlags): Promise<void> {
  const done = await withDisplay((display) => calibrateJob({ run, ...flags, runtime: ortNode() }, display));
  await report(json, { version: 1, ...done }, () => textOf(done));
}

function textOf({ temperature, images, eceBefore, eceAfter, files }: Calibrated): string {
  return (
    `Temperature ${temperature.toFixed(4)}, fitted on ${images} validation images\n` +
    `Calibration error ${eceBefore.toFixed(4)} before, ${eceAfter.toFixed(4)} after\n` +
    files.map((path) => `Written into ${path}\n`).join('')
  );
}
