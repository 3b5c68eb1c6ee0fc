import { EXIT } from './exit.js';
import { MienError, messageOf, UsageError } from '../../src/index.js';

/** Prints what went wrong on stderr, one sentence; the stack only when asked for. Returns the exit code. */
export function reportError(error: unknown, debug: boolean): number {
  const planned = error instanceof MienError;
  process.stderr.write(`mien: ${messageOf(error)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  else if (!planned) process.stderr.write('mien: this looks like a defect of Mien; --debug shows where.\n');
  return error instanceof UsageError ? EXIT.usage : EXIT.wrong;
}
