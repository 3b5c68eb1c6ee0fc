import { CommanderError } from 'commander';

import { reportError } from './errors.js';
import { EXIT } from './exit.js';
import { createProgram } from './program.js';

/**
 * Runs one command line.
 * @param argv as `process.argv`
 * @returns the exit code: 0 done, 1 wrong input or environment, 2 wrong usage, 130 interrupted
 */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = createProgram((exit) => (code = exit));
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    // commander has printed its own message, and ends help and version this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error, argv.includes('--debug'));
  }
}
