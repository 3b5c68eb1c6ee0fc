/** Exit codes of the command line. */
export const EXIT = { done: 0, wrong: 1, usage: 2, interrupted: 130 } as const;

/** Lets a command end with another exit code than 0 without an error. */
export type SetExit = (code: number) => void;
