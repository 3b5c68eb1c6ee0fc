import { InputError, type Problem } from '../../core/errors.js';

/** A wrong request: one sentence, an HTTP status and a code that a program can compare. */
export class RequestError extends InputError {
  constructor(
    readonly status: number,
    readonly code: string,
    problem: Problem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problem);
  }
}

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly error: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    /** Finds the request in the log. */
    readonly request?: string;
  };
}

/** The error as it is sent. */
export function errorBody(status: number, code: string, message: string, request?: string): ErrorBody {
  return { error: { status, code, message, ...(request === undefined ? {} : { request }) } };
}
