import { join } from 'node:path';

import { InvalidArgumentError, type Command } from 'commander';

import {
  compareJob,
  defaultClasses,
  formatComparison,
  ortNode,
  recipeOf,
  UsageError,
  type CompareOptions,
  type CompareOutcome,
} from '../../../src/node.js';
import { fastKernels } from '../environment.js';
import { EXIT, type SetExit } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import {
  choiceOption,
  NAMES,
  namesOf,
  strangeOption,
  wholesOf,
  withCache,
  withDebug,
  withJson,
} from '../options.js';
import { print, printJson } from '../output.js';
import { changedRecipe, withRecipeOptions, type RecipeFlags } from '../recipe-options.js';

interface CompareFlags extends RecipeFlags {
  readonly models?: readonly string[];
  readonly runs?: readonly string[];
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly recipe: string;
  readonly weights?: CompareOptions['weights'];
  readonly weightsDir?: string;
  readonly seeds: readonly number[];
  readonly out: string;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien compare`. */
export function addCompare(program: Command, setExit: SetExit): void {
  const command = program
    .command('compare')
    .description('Train nets or take runs, and put them side by side.');
  command
    .option('--models <names>', `nets to train, by commas (${NAMES.nets.join(', ')})`, netsOf)
    .option('--runs <folders>', 'run folders to take as they are, by commas or repeated', namesOf)
    .option('--data <path>', 'what the nets are trained on (default: the data of the first run)')
    .option(
      '--classes <names>',
      `classes in label order (default: those of the first run, else ${defaultClasses.join(',')})`,
      namesOf,
    )
    .addOption(choiceOption('--recipe <name>', 'how to train', NAMES.recipes).default('default'))
    .option(
      '--weights <names>',
      'what to start from, as in train: one for all nets, or NET=NAME,NET=NAME (default: keras, or none)',
      weightsOf,
    )
    .option('--weights-dir <folder>', 'folder with files of pretrained weights (default: none)')
    .option('--seeds <numbers>', 'train every net once with each of these seeds, by commas', wholesOf, [42])
    .option('--out <folder>', 'folder of the comparison and of its runs', join('runs', 'compare'));
  withDebug(withJson(withCache(command)));
  withRecipeOptions(command);
  command.addHelpText(
    'after',
    '\nCtrl-C finishes the step and saves; the same command goes on. MIEN_FAST=0 turns the fast kernels off.',
  );
  command.action((flags: CompareFlags) => runCompare(flags, command, setExit));
}

async function runCompare(flags: CompareFlags, command: Command, setExit: SetExit): Promise<void> {
  checkUsage(flags, command);
  const said = 'Finishing the step, then saving. Ctrl-C again quits at once.';
  await withInterrupt(said, async (hooks, display) => {
    const outcome = await compareJob(optionsOf(flags), { runtime: ortNode() }, hooks);
    display.close();
    await report(outcome, flags);
    if (!outcome.finished) setExit(EXIT.interrupted);
  });
}

/** Options that mean something without a net to train. */
const WITHOUT_MODELS = ['runs', 'out', 'cacheDir', 'json', 'debug'];

/** @throws UsageError when there is nothing to compare, or an option has nothing to act on */
function checkUsage({ models, runs, data }: CompareFlags, command: Command): void {
  const usage = (received: string, expected: string) => {
    throw new UsageError({ where: 'compare', received, expected });
  };
  if (models === undefined && runs === undefined) {
    usage('neither --models nor --runs', 'nets to train, run folders to take, or both');
  }
  if (models !== undefined && runs === undefined && data === undefined) {
    usage('no --data', 'a data folder or a CSV file to train the nets on');
  }
  const idle = models === undefined ? strangeOption(command, WITHOUT_MODELS) : undefined;
  if (idle !== undefined)
    usage(`${idle.long ?? ''} without --models`, 'nets to train, for it changes no finished run');
}

function optionsOf(flags: CompareFlags): CompareOptions {
  const { models, runs, data, classes, weights, weightsDir, seeds, out, cacheDir } = flags;
  return {
    ...(models === undefined ? {} : { models }),
    ...(runs === undefined ? {} : { runs }),
    ...(data === undefined ? {} : { data }),
    ...(classes === undefined ? {} : { classes }),
    ...(weights === undefined ? {} : { weights }),
    ...(weightsDir === undefined ? {} : { weightsDir }),
    recipe: changedRecipe(recipeOf(flags.recipe), flags),
    seeds,
    fast: fastKernels(),
    out,
    cacheDir,
  };
}

async function report({ finished, out, comparison }: CompareOutcome, { json }: CompareFlags): Promise<void> {
  if (json === true) {
    await printJson(
      comparison === undefined ? { version: 1, finished, out } : { ...comparison, finished, out },
    );
  } else if (comparison !== undefined) {
    await print(`${formatComparison(comparison)}\n${place(out)}`);
  }
  if (!finished) process.stderr.write('Stopped and saved. The same command goes on.\n');
}

function place(out: string): string {
  const files = ['comparison.md', 'comparison.png', 'comparison.json'];
  return `Table and chart: ${files.map((name) => join(out, name)).join(', ')}\n`;
}

function netsOf(text: string, before: readonly string[] = []): string[] {
  const names = namesOf(text, before);
  const stranger = names.find((name) => !NAMES.nets.some((net) => net === name));
  if (stranger === undefined) return names;
  throw new InvalidArgumentError(`"${stranger}" is none of ${NAMES.nets.join(', ')}.`);
}

/** `keras`, or `mobileNetV3Small=torchvision,densenet121=keras`. */
function weightsOf(text: string): NonNullable<CompareOptions['weights']> {
  if (!text.includes('=')) return text.trim();
  const pairs = text.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
  const odd = pairs.some((parts) => parts.length !== 2 || parts.includes(''));
  if (odd) throw new InvalidArgumentError('Give one name for all nets, or NET=NAME for each.');
  return Object.fromEntries(pairs as [string, string][]);
}
