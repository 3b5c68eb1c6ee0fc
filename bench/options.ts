import { parseArgs } from 'node:util';

import { messageOf, MienError, UsageError } from '../src/core/errors.js';

/** One option of a bench, given as text. */
export interface OptionSpec {
  readonly help: string;
  readonly default?: string;
}

/** The options that were given or have a default. */
export interface Settings {
  readonly json: boolean;
  text(name: string): string | undefined;
  /** @throws UsageError unless it is a whole number of at least 1 */
  count(name: string): number;
}

/**
 * Runs a bench from the command line: `--json` writes one JSON document to stdout, progress goes to stderr.
 * Exit codes: 1 for a wrong environment, 2 for wrong usage.
 */
export async function runBench(
  description: string,
  specs: Readonly<Record<string, OptionSpec>>,
  bench: (settings: Settings) => Promise<{ json: object; text: string }>,
): Promise<void> {
  try {
    const settings = readSettings(specs, process.argv.slice(2));
    if (settings === undefined) {
      process.stdout.write(helpText(description, specs));
      return;
    }
    const { json, text } = await bench(settings);
    process.stdout.write(settings.json ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** Writes a line of progress to stderr. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function readSettings(
  specs: Readonly<Record<string, OptionSpec>>,
  args: readonly string[],
): Settings | undefined {
  const values = parse(specs, args);
  if (values['help'] === true) return undefined;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : specs[name]?.default;
  };
  return { json: values['json'] === true, text, count: (name) => wholeNumber(name, text(name)) };
}

function parse(
  specs: Readonly<Record<string, OptionSpec>>,
  args: readonly string[],
): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries(Object.keys(specs).map((name) => [name, { type: 'string' }] as const));
  const flags = { json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, ...flags } }).values;
  } catch (error) {
    const expected = [...Object.keys(specs), 'json', 'help'].map((name) => `--${name}`).join(', ');
    throw new UsageError({ where: 'command line', received: messageOf(error), expected }, { cause: error });
  }
}

function wholeNumber(name: string, value: string | undefined): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UsageError({
    where: `--${name}`,
    received: `"${value ?? ''}"`,
    expected: 'a whole number of at least 1',
  });
}

function helpText(description: string, specs: Readonly<Record<string, OptionSpec>>): string {
  const all = { ...specs, json: { help: 'one JSON document on stdout' }, help: { help: 'this text' } };
  const lines = Object.entries(all).map(([name, spec]: [string, OptionSpec]) => {
    const value = spec.default === undefined ? '' : ` (default: ${spec.default})`;
    return `  --${name.padEnd(10)} ${spec.help}${value}`;
  });
  return `${description}\n\n${lines.join('\n')}\n`;
}
