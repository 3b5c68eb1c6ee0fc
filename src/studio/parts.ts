import type { FastifyInstance, FastifyRequest } from 'fastify';

import { RequestError } from '../serve/http/problem.js';
import type { Children } from './children.js';

/** What the studio's routes work with. */
export interface StudioParts {
  /** Folder of the runs. */
  readonly runs: string;
  /** Data of the Data page. */
  readonly data: string | undefined;
  /** Models that were given: `mien`, run folders, files. */
  readonly models: readonly string[];
  readonly cacheDir: string | undefined;
  readonly children: Children;
}

/** Where the routes of the page lie. */
export const API = '/studio/api';

/** Adds a route that answers JSON. */
export function addGet(
  app: FastifyInstance,
  path: string,
  answer: (query: Query, request: FastifyRequest) => unknown,
): void {
  app.get(`${API}${path}`, { schema: { hide: true } }, async (request) =>
    Promise.resolve(answer(new Query(request.query), request)),
  );
}

/** Adds a route that changes something and answers JSON. */
export function addPost(
  app: FastifyInstance,
  path: string,
  answer: (body: Query, request: FastifyRequest) => unknown,
): void {
  app.post(`${API}${path}`, { schema: { hide: true } }, async (request) =>
    Promise.resolve(answer(new Query(Buffer.isBuffer(request.body) ? request.query : request.body), request)),
  );
}

/** Named values of a query or of a JSON body, each checked where it is read. */
export class Query {
  private readonly values: Readonly<Record<string, unknown>>;

  /** @throws RequestError 400 for anything but an object */
  constructor(values: unknown) {
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw wrongValue('body', 'something else', 'a JSON object');
    this.values = values as Readonly<Record<string, unknown>>;
  }

  /** @throws RequestError 400 when it is missing or too long */
  text(name: string): string {
    const value = this.maybe(name);
    if (value === undefined) throw wrongValue(name, 'nothing', 'a text');
    return value;
  }

  /** A text that may be missing; an empty one counts as missing. @throws RequestError 400 for other values */
  maybe(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string' || value.length > 4096 || value.includes('\0'))
      throw wrongValue(name, 'another value', 'a short text');
    return value;
  }

  /** @throws RequestError 400 unless it is one of some words */
  oneOf<T extends string>(name: string, choices: readonly T[], otherwise?: T): T {
    const value = this.maybe(name) ?? otherwise;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw wrongValue(name, value === undefined ? 'nothing' : 'another word', choices.join(', '));
  }

  /** A whole number, also as text. @throws RequestError 400 */
  whole(name: string, otherwise: number, most = 1e6): number {
    const value = this.values[name];
    if (value === undefined || value === '') return otherwise;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most)
      return number;
    throw wrongValue(name, 'another value', `a whole number up to ${most}`);
  }

  flag(name: string): boolean {
    return this.values[name] === true || this.values[name] === 'true';
  }

  /** A list of texts; missing: empty. @throws RequestError 400 */
  texts(name: string): readonly string[] {
    const value = this.values[name] ?? [];
    const isText = (item: unknown) => typeof item === 'string' && item.length <= 4096 && !item.includes('\0');
    if (Array.isArray(value) && value.length <= 10_000 && value.every(isText)) return value as string[];
    throw wrongValue(name, 'another value', 'a list of texts');
  }

  /** A list of whole numbers; missing: empty. @throws RequestError 400 */
  wholes(name: string): readonly number[] {
    const value = this.values[name] ?? [];
    const isWhole = (item: unknown) => typeof item === 'number' && Number.isInteger(item) && item >= 0;
    if (Array.isArray(value) && value.length <= 100 && value.every(isWhole)) return value as number[];
    throw wrongValue(name, 'another value', 'a list of whole numbers');
  }
}

/** 400 for a value of a request. */
export function wrongValue(where: string, received: string, expected: string): RequestError {
  return new RequestError(400, 'wrong_value', { where, received, expected });
}

/** 404 for a thing that is not there. */
export function notThere(where: string, expected: string): RequestError {
  return new RequestError(404, 'not_found', { where, received: 'an unknown name', expected });
}
