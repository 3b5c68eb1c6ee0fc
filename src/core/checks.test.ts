import { describe, expect, it } from 'vitest';

import { at, checkInteger, checkNumber, checkOneOf } from './checks.js';
import { GraphError, InputError, messageOf, MienError, UsageError } from './errors.js';

describe('checkInteger', () => {
  it('returns what fits', () => {
    expect(checkInteger('--batch', 32, 1)).toBe(32);
    expect(checkInteger('--level', 0, 0, 9)).toBe(0);
    expect(checkInteger('--level', 9, 0, 9)).toBe(9);
  });

  it.each([
    [0, undefined, '--batch: received 0, expected an integer of at least 1.'],
    [2.5, undefined, '--batch: received 2.5, expected an integer of at least 1.'],
    [NaN, 9, '--batch: received NaN, expected an integer between 1 and 9.'],
    [Infinity, undefined, '--batch: received Infinity, expected an integer of at least 1.'],
    [10, 9, '--batch: received 10, expected an integer between 1 and 9.'],
  ])('refuses %s', (value, max, text) => {
    const run = () => checkInteger('--batch', value, 1, max);
    expect(run).toThrow(InputError);
    expect(run).toThrow(text);
  });
});

describe('checkNumber', () => {
  it('returns what fits, bounds included', () => {
    expect(checkNumber('--lr', 0, 0, 1)).toBe(0);
    expect(checkNumber('--lr', 1, 0, 1)).toBe(1);
    expect(checkNumber('--lr', -1e9)).toBe(-1e9);
  });

  it.each([
    [1.5, 0, 1, '--lr: received 1.5, expected a number between 0 and 1.'],
    [-1, 0, undefined, '--lr: received -1, expected a number of at least 0.'],
    [NaN, undefined, undefined, '--lr: received NaN, expected a number.'],
    [Infinity, undefined, undefined, '--lr: received Infinity, expected a number.'],
    [3, undefined, 2, '--lr: received 3, expected a number of at most 2.'],
  ])('refuses %s in [%s, %s]', (value, min, max, text) => {
    const run = () => checkNumber('--lr', value, min, max);
    expect(run).toThrow(InputError);
    expect(run).toThrow(text);
  });
});

describe('checkOneOf', () => {
  it('narrows what fits and lists the choices otherwise', () => {
    const choice: 'a' | 'b' = checkOneOf('--mode', 'b', ['a', 'b'] as const);
    expect(choice).toBe('b');
    expect(() => checkOneOf('--mode', 'A', ['a', 'b'])).toThrow(
      '--mode: received "A", expected one of a, b.',
    );
  });
});

describe('at', () => {
  it('gives an item or names the place', () => {
    expect(at([5, 6], 1)).toBe(6);
    expect(at(Float32Array.of(0), 0)).toBe(0);
    expect(() => at([5, 6], 2, 'strides')).toThrow(new RangeError('strides: 2 is outside 0..1'));
    expect(() => at([5, 6], -1)).toThrow(new RangeError('index: -1 is outside 0..1'));
  });
});

describe('errors', () => {
  const problem = { where: 'here', received: 'this', expected: 'that' };

  it('are one sentence, with the remedy after a semicolon', () => {
    expect(new InputError(problem).message).toBe('here: received this, expected that.');
    const remedied = new UsageError({ ...problem, remedy: 'do so' });
    expect(remedied.message).toBe('here: received this, expected that; do so.');
    expect(remedied.problem.remedy).toBe('do so');
  });

  it('have names, a common base and a cause', () => {
    const cause = new Error('deep');
    const errors = [InputError, UsageError, GraphError].map((Type) => new Type(problem, { cause }));
    expect(errors.map((error) => error.name)).toEqual(['InputError', 'UsageError', 'GraphError']);
    expect(errors.every((error) => error instanceof MienError && error.cause === cause)).toBe(true);
  });

  it('messageOf takes anything thrown', () => {
    expect(messageOf(new Error('text'))).toBe('text');
    expect(messageOf('text')).toBe('text');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
