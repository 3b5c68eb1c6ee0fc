import { InvalidArgumentError, Option, type Command } from 'commander';

import { EMOTIONS, netNames, preprocessingNames, recipes, SHIPPED, UsageError } from '../../src/node.js';
import { defaultCacheDir } from './environment.js';

/** A number, or a usage error. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Not a number.');
  return value;
}

/** A whole number, or a usage error. */
export function wholeOf(text: string): number {
  const value = numberOf(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Not a whole number.');
  return value;
}

/** `2,5` as numbers, or a usage error. */
export function numbersOf(text: string): number[] {
  return text.split(',').map(numberOf);
}

/** `2,5` as whole numbers, or a usage error. */
export function wholesOf(text: string): number[] {
  return text.split(',').map(wholeOf);
}

/** `2/5` as part and number of parts, or a usage error. */
export function partOf(text: string): { part: number; of: number } {
  const [part, of] = (/^(\d+)\/(\d+)$/.exec(text.trim()) ?? []).slice(1).map(Number);
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of };
  throw new InvalidArgumentError('Not of the form i/n with i from 1 to n, e.g. 1/5.');
}

/** Names separated by commas; the option may be repeated. */
export function namesOf(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').map((name) => name.trim())];
}

/** Some of the choices, separated by commas, or a usage error. */
export function someOf<T extends string>(choices: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = choices.find((choice) => choice === name.trim());
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
    });
}

/** Every use of a repeated option. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** `--json`, for verbs that report. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on stdout (default: text)');
}

/** `--debug`, for every verb. */
export function withDebug(command: Command): Command {
  return command
    .option('--debug', 'show the stack of an error (default: one sentence)')
    .helpOption('--help', 'print this help');
}

/** `--cache-dir`, for verbs that read pictures. */
export function withCache(command: Command): Command {
  const text = 'folder for decoded pictures and downloaded weights';
  return command.option('--cache-dir <folder>', text, defaultCacheDir());
}

/** `--classes` for a model that came without, for verbs that take any model. */
export function withClasses(command: Command): Command {
  const text = 'names of the outputs, for a model that came without (default: its own)';
  return command.option('--classes <names>', text, namesOf);
}

/** `--preprocessing` for a model that came without, for verbs that take any model. */
export function withPreprocessing(command: Command): Command {
  return command.option(
    '--preprocessing <file>',
    `JSON file or name (${NAMES.preprocessing.join(', ')}), for a model that came without a record (default: its own)`,
  );
}

/** Both records of a model that came without. */
export function withRecords(command: Command): Command {
  return withPreprocessing(withClasses(command));
}

/** `--model`, `--flip`, `--average` and `--preprocessing`, for verbs that use a trained model. */
export function withModel(command: Command): Command {
  command
    .option('--model <model>', MODELS.any, SHIPPED[0] ?? '')
    .option('--flip', 'average each answer over the picture and its mirror image (default: off)')
    .addOption(
      choiceOption('--average <views>', 'average each answer over views of the picture (default: none)', [
        'none',
        'flip',
        'five-crop',
      ]),
    );
  return withPreprocessing(command);
}

/** The data of a `data` verb, as an argument or as `--data`. */
export function withData(command: Command): Command {
  return command
    .argument('[path]', 'data folder or file like fer2013.csv')
    .option('--data <path>', 'the same as an option (default: the argument)');
}

/** What {@link withData} received. @throws UsageError unless it was given once */
export function dataOf(path: string | undefined, { data }: { readonly data?: string }): string {
  const given = [path, data].filter((source) => source !== undefined);
  const [first] = given;
  if (first !== undefined && given.length === 1) return first;
  const received = first === undefined ? 'no data' : `both "${path ?? ''}" and --data ${data ?? ''}`;
  throw new UsageError({ where: 'data', received, expected: 'one data folder or CSV file' });
}

/** The first option that was given on the command line and is not among `allowed` (names as in flags: `cacheDir`). */
export function strangeOption(command: Command, allowed: readonly string[]): Option | undefined {
  return command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      !allowed.includes(option.attributeName()),
  );
}

/** One of some words, checked by the command line. */
export function choiceOption(flags: string, text: string, choices: readonly string[]): Option {
  return new Option(flags, text).choices(choices);
}

/** Names for help texts. */
export const NAMES = {
  recipes: recipes.map(({ name }) => name),
  nets: netNames,
  preprocessing: preprocessingNames,
  emotions: EMOTIONS,
} as const;

/** What may stand for a model, for help texts: where its layers are needed, and where any model will do. */
export const MODELS = {
  layers: `run folder, .keras or .h5 file, or shipped model (${SHIPPED.join(', ')})`,
  any: `run folder, .keras, .h5, .onnx or .tflite file, or shipped model (${SHIPPED.join(', ')})`,
} as const;
