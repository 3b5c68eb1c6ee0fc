import type { Command } from 'commander';

import { addAudit } from './data-audit.js';
import { addCeiling } from './data-ceiling.js';
import { addCrop } from './data-crop.js';
import { addDraw } from './data-draw.js';
import { addInspect } from './data-inspect.js';
import { addSplit } from './data-split.js';

/** `mien data`. */
export function addData(program: Command): void {
  const data = program
    .command('data')
    .description('Look at, check, divide, draw or crop data.')
    .helpOption('--help', 'print this help')
    .helpCommand(false);
  addInspect(data);
  addAudit(data);
  addCeiling(data);
  addSplit(data);
  addDraw(data);
  addCrop(data);
}
