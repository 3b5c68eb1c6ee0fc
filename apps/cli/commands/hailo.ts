import type { Command } from 'commander';

import { addHailoBundle } from './hailo-bundle.js';
import { addHailoCompare } from './hailo-compare.js';
import { addHailoCompile } from './hailo-compile.js';
import { addHailoInspect } from './hailo-inspect.js';

/** `mien hailo`. */
export function addHailo(program: Command): void {
  const hailo = program
    .command('hailo')
    .description("Work with Hailo's accelerators.")
    .helpOption('--help', 'print this help')
    .helpCommand(false);
  addHailoBundle(hailo);
  addHailoCompile(hailo);
  addHailoInspect(hailo);
  addHailoCompare(hailo);
}
