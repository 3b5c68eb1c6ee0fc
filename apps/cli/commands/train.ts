import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import {
  defaultClasses,
  messageOf,
  InputError,
  parseClassMap,
  parseSettings,
  recipeOf,
  resolveTraining,
  resumeTraining,
  trainInThread,
  UsageError,
  type ClassMap,
  type JobEvent,
  type JobHooks,
  type NetName,
  type TrainOptions,
  type TrainOutcome,
  type TrainSettings,
} from '../../../src/node.js';
import type { Display } from '../display.js';
import { fastKernels, invocation } from '../environment.js';
import { EXIT, type SetExit } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import {
  choiceOption,
  NAMES,
  namesOf,
  strangeOption,
  wholeOf,
  withCache,
  withDebug,
  withJson,
} from '../options.js';
import { print, printJson } from '../output.js';
import { changedRecipe, withRecipeOptions, type RecipeFlags } from '../recipe-options.js';
import { introduction, trainingSummary } from '../training-summary.js';

interface TrainFlags extends RecipeFlags {
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly map?: ClassMap;
  readonly from?: string;
  readonly preprocessing?: string;
  readonly recipe: string;
  readonly net: NetName;
  readonly weights?: string;
  readonly weightsDir?: string;
  readonly seed: number;
  readonly out?: string;
  readonly resume?: string;
  readonly settings?: string;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien train`. */
export function addTrain(program: Command, setExit: SetExit): void {
  const command = program.command('train').description('Train a model by a recipe and evaluate it.');
  command
    .option('--data <path>', 'folder with train/<class>/ and test/<class>/, or a file like fer2013.csv')
    .option(
      '--classes <names>',
      `classes in label order, by commas or repeated (default: ${defaultClasses.join(',')})`,
      namesOf,
    )
    .option(
      '--map <pairs>',
      'make classes of others: "positive=happy negative=angry,sad" (default: none)',
      (text: string) => parseClassMap('--map', text),
    )
    .addOption(choiceOption('--recipe <name>', 'how to train', NAMES.recipes).default('default'))
    .addOption(choiceOption('--net <name>', 'network', NAMES.nets).default('mobileNetV3Small'))
    .option(
      '--weights <name>',
      'what to start from: mien (shipped), torchvision (from --weights-dir), keras (downloaded), none, or a .keras file (default: mien for mobileNetV3Small, keras for the others)',
    )
    .option('--weights-dir <folder>', 'folder with files of pretrained weights (default: none)')
    .option(
      '--from <model>',
      'go on from a model instead: run folder, .keras or .h5 file, shipped model; its head is replaced where the classes differ (default: none)',
    )
    .option(
      '--preprocessing <file>',
      `JSON file or name (${NAMES.preprocessing.join(', ')}), for a --from that came without a record (default: its own)`,
    )
    .option('--seed <n>', 'seed of every random draw', wholeOf, 42)
    .option('--out <folder>', 'new run folder (default: runs/<recipe>, numbered when taken)')
    .option('--settings <file>', "start from the settings in a run's args.yaml (default: none)")
    .option('--resume <run>', 'go on with a run that was stopped (default: a new run)');
  withDebug(withJson(withCache(command)));
  withRecipeOptions(command);
  command.addHelpText(
    'after',
    '\nCtrl-C finishes the step, saves and says how to go on. MIEN_FAST=0 turns the fast kernels off.',
  );
  command.action((flags: TrainFlags) => runTrain(flags, command, setExit));
}

async function runTrain(flags: TrainFlags, command: Command, setExit: SetExit): Promise<void> {
  const said = 'Finishing the step, then saving. Ctrl-C again quits at once.';
  await withInterrupt(said, async (hooks, display) => {
    const outcome = await startTraining(flags, command, hooks, display);
    display.close();
    await report(outcome, flags);
    if (!outcome.finished) setExit(EXIT.interrupted);
  });
}

function startTraining(
  flags: TrainFlags,
  command: Command,
  hooks: Required<JobHooks>,
  display: Display,
): Promise<TrainOutcome> {
  if (flags.resume === undefined) {
    const training = resolveTraining(optionsOf(flags, command));
    // Before the first event nothing is under way, and what is refused needs no heading.
    const introduce = once(() => display.note(introduction(training.settings, training.out)));
    const onEvent = (event: JobEvent) => {
      introduce();
      display.onEvent(event);
    };
    return trainInThread(training, { ...hooks, onEvent });
  }
  refuseWithResume(command);
  display.note(`Going on with ${flags.resume}\n`);
  const { cacheDir, weightsDir } = flags;
  const places = { cacheDir, ...(weightsDir === undefined ? {} : { weightsDir }) };
  return resumeTraining(flags.resume, places, hooks);
}

/** Calls `action` the first time only. */
function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

/** A run goes on with its own settings; whoever gives others wants something else. */
function refuseWithResume(command: Command): void {
  const allowed = ['resume', 'cacheDir', 'weightsDir', 'json', 'debug'];
  const first = strangeOption(command, allowed);
  if (first === undefined) return;
  throw new UsageError({
    where: '--resume',
    received: `${first.long ?? ''} beside it`,
    expected: "no other setting, for the run's args.yaml has them all",
    remedy: 'leave it out, or train anew with --settings',
  });
}

function optionsOf(flags: TrainFlags, command: Command): TrainOptions {
  const base = flags.settings === undefined ? undefined : readSettings(flags.settings);
  const given = <T>(name: keyof TrainFlags, value: T, fallback: T | undefined): T =>
    command.getOptionValueSource(name) === 'cli' ? value : (fallback ?? value);
  const data = flags.data ?? base?.data;
  if (data === undefined) {
    throw new UsageError({
      where: 'train',
      received: 'no --data',
      expected: 'a data folder or a CSV file',
      remedy: 'give --data PATH, or --resume RUN to go on with a run',
    });
  }
  const recipe = given('recipe', recipeOf(flags.recipe), base?.recipe);
  const map = flags.map ?? base?.map;
  const classes = flags.classes ?? (flags.map === undefined ? base?.classes : undefined);
  const from = flags.from ?? base?.from;
  const preprocessing = flags.preprocessing ?? base?.preprocessing;
  const weights = flags.weights ?? base?.weights;
  return {
    data,
    ...(classes === undefined ? {} : { classes }),
    ...(map === undefined ? {} : { map }),
    ...(from === undefined ? {} : { from }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(weights === undefined ? {} : { weights }),
    recipe: changedRecipe(recipe, flags),
    model: given('net', flags.net, base?.model as NetName | undefined),
    seed: given('seed', flags.seed, base?.seed),
    fast: fastKernels() && (base?.fast ?? true),
    cacheDir: flags.cacheDir,
    ...(flags.weightsDir === undefined ? {} : { weightsDir: flags.weightsDir }),
    ...(flags.out === undefined ? {} : { out: flags.out }),
  };
}

function readSettings(path: string): TrainSettings {
  try {
    return parseSettings(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const received = `"${messageOf(error)}"`;
    throw new InputError({ where: '--settings', received, expected: "a run's args.yaml" }, { cause: error });
  }
}

async function report(outcome: TrainOutcome, { json }: TrainFlags): Promise<void> {
  const { finished, folder, evaluations } = outcome;
  const resume = `${invocation()} train --resume ${folder.root}`;
  if (json === true) {
    const next = finished ? { model: folder.best } : { resume };
    await printJson({ version: 1, finished, run: folder.root, ...next, evaluations });
  } else if (finished) await print(trainingSummary(outcome));
  if (!finished) process.stderr.write(`Stopped and saved. Go on with: ${resume}\n`);
}
