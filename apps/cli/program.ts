import { Command } from 'commander';

import { packageVersion } from '../../src/node.js';
import { addCalibrate } from './commands/calibrate.js';
import { addCompare } from './commands/compare.js';
import { addData } from './commands/data.js';
import { addDoctor } from './commands/doctor.js';
import { addEvaluate } from './commands/evaluate.js';
import { addExport } from './commands/export.js';
import { addInfo } from './commands/info.js';
import { addHailo } from './commands/hailo.js';
import { addPredict } from './commands/predict.js';
import { addSoup } from './commands/soup.js';
import { addTrain } from './commands/train.js';
import type { SetExit } from './exit.js';

const EXAMPLES = `
Examples:
  mien data draw --out faces                        draw a set of faces to try things with
  mien train --data faces --recipe drawn            train on it
  mien evaluate --model runs/drawn --data faces     measure the result
  mien predict --model runs/drawn photo.jpg folder  use it
  mien info mien                                    what a model is made of
  mien export mien --format keras --out exported    write it for other tools
  mien compare --runs runs/drawn,runs/drawn-2       put trained models side by side
  mien doctor                                       check this machine

Exit codes: 0 done, 1 the input or the machine is wrong, 2 wrong usage, 130 interrupted and saved.`;

/** The whole command line. */
export function createProgram(setExit: SetExit): Command {
  const program = new Command('mien');
  program
    .description('Train, evaluate and use light facial-expression recognizers.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'mien: ')),
    });
  addTrain(program, setExit);
  addEvaluate(program);
  addPredict(program);
  addInfo(program);
  addExport(program);
  addCalibrate(program);
  addSoup(program);
  addCompare(program, setExit);
  addData(program);
  addHailo(program);
  addDoctor(program, setExit);
  return program;
}
