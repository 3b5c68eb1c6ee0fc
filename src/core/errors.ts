/** What a message tells a person: where it happened, what was received, what was expected, what to do. */
export interface Problem {
  /** The place: a function, file, option or layer, e.g. `Conv2D "stem"` or `--data`. */
  readonly where: string;
  /** What arrived, e.g. `a folder without images`. */
  readonly received: string;
  /** What would have been right. */
  readonly expected: string;
  /** One thing the reader can do about it. */
  readonly remedy?: string;
}

/**
 * Base class of every error that Mien throws on purpose.
 *
 * The message is one sentence built from a {@link Problem}. Any other error class that
 * escapes is a bug in Mien.
 *
 * @example
 * throw new InputError({ where: '--data', received: 'no folder "faces"', expected: 'an existing folder' });
 */
export class MienError extends Error {
  override readonly name: string = 'MienError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(sentence(problem), options);
    this.problem = problem;
  }
}

/** The user's input or environment is wrong (exit code 1). */
export class InputError extends MienError {
  override readonly name = 'InputError';
}

/** The command line itself is wrong: unknown option, missing argument (exit code 2). */
export class UsageError extends MienError {
  override readonly name = 'UsageError';
}

/** A graph, shape or argument inside the library breaks a contract. */
export class GraphError extends MienError {
  override readonly name = 'GraphError';
}

function sentence({ where, received, expected, remedy }: Problem): string {
  const tail = remedy === undefined ? '' : `; ${remedy}`;
  return `${where}: received ${received}, expected ${expected}${tail}.`;
}

/** The text of anything thrown, for use inside another message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
