import { Command } from 'commander';

import { packageVersion } from '../../src/node.js';
import { addBenchmark } from './commands/benchmark.js';
import { addCalibrate } from './commands/calibrate.js';
import { addCompare } from './commands/compare.js';
import { addData } from './commands/data.js';
import { addDoctor } from './commands/doctor.js';
import { addEvaluate } from './commands/evaluate.js';
import { addExplain } from './commands/explain.js';
import { addExport } from './commands/export.js';
import { addInfo } from './commands/info.js';
import { addHailo } from './commands/hailo.js';
import { addLive } from './commands/live.js';
import { addPredict } from './commands/predict.js';
import { addReproduce } from './commands/reproduce.js';
import { addSweep } from './commands/sweep.js';
import { addServe } from './commands/serve.js';
import { addQuantize } from './commands/quantize.js';
import { addSoup } from './commands/soup.js';
import { addStudio } from './commands/studio.js';
import { addTrain } from './commands/train.js';
import type { SetExit } from './exit.js';

const EXAMPLES = `
Examples:
  mien data draw --out faces                        draw a set of faces to try things with
  mien train --data faces --recipe drawn            train on it
  mien evaluate --model runs/drawn --data faces     measure the result
  mien predict --model runs/drawn photo.jpg folder  use it
  mien live --source video.mp4 --annotate seen.mp4  watch a video or a camera
  mien serve --model runs/drawn                     answer pictures over HTTP
  mien studio                                       look at runs in a browser page
  mien explain photo.jpg --out why.png              see where it looked
  mien info mien                                    what a model is made of
  mien quantize mien --data faces --out quantized   write it in 8 bits
  mien export mien --format onnx,tflite             write it for other tools, checked
  mien benchmark mien                               every format in every engine
  mien compare --runs runs/drawn,runs/drawn-2       put trained models side by side
  mien sweep sweep.yaml                             search over a recipe's settings
  mien reproduce runs/drawn                         repeat a training, and compare
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
  addExplain(program);
  addLive(program, setExit);
  addServe(program);
  addStudio(program);
  addInfo(program);
  addExport(program);
  addQuantize(program);
  addBenchmark(program);
  addCalibrate(program);
  addSoup(program);
  addCompare(program, setExit);
  addSweep(program, setExit);
  addReproduce(program, setExit);
  addData(program);
  addHailo(program);
  addDoctor(program, setExit);
  return program;
}
