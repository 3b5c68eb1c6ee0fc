import { InputError } from '../core/errors.js';
import { activationName, type ActivationName } from './activations.js';
import { readInitializer } from './initializers.js';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import type { Initializer } from './layer.js';

/** Two sizes: along height, along width. */
export type Pair = readonly [number, number];

/** Amounts [before, after] along height and along width. */
export type Sides = readonly [Pair, Pair];

/** Largest size that a configuration may state: beyond it a file is broken or hostile. */
const LARGEST = 2 ** 24;

/** Reads the fields of a Keras configuration; every complaint names the layer and the field. */
export class ConfigReader {
  constructor(
    /** E.g. `Conv2D "conv"`. */
    readonly where: string,
    private readonly json: JsonObject,
  ) {}

  boolean(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  integer(key: string, fallback?: number, min = 1): number {
    const value = this.json[key] ?? fallback;
    return isSize(value, min) ? value : this.refuse(key, `an integer between ${min} and ${LARGEST}`);
  }

  number(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(key, 'a number');
  }

  numberOrNull(key: string): number | null {
    return (this.json[key] ?? null) === null ? null : this.number(key);
  }

  /** One number or a list of numbers. */
  numbers(key: string, fallback: number): number | readonly number[] {
    const value = this.json[key] ?? fallback;
    if (!Array.isArray(value)) return this.number(key, fallback);
    const list = value as readonly Json[];
    return list.every((item) => typeof item === 'number') ? list : this.refuse(key, 'numbers');
  }

  oneOf<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const value = this.json[key] ?? fallback;
    const found = choices.find((choice) => choice === value);
    return found ?? this.refuse(key, `one of ${choices.join(', ')}`);
  }

  /** One integer for both axes, or two. */
  pair(key: string, fallback?: Pair, min = 1): Pair {
    const value = this.json[key] ?? fallback;
    if (isSize(value, min)) return [value, value];
    if (Array.isArray(value) && value.length === 2) {
      const [a, b] = value as readonly Json[];
      if (isSize(a, min) && isSize(b, min)) return [a, b];
    }
    return this.refuse(key, `one or two integers of at least ${min}`);
  }

  /** One integer, one per axis, or [before, after] per axis. */
  sides(key: string): Sides {
    const value = this.json[key];
    if (isSize(value, 0) || (Array.isArray(value) && value.every((item: Json) => isSize(item, 0)))) {
      const [vertical, horizontal] = this.pair(key, undefined, 0);
      return [
        [vertical, vertical],
        [horizontal, horizontal],
      ];
    }
    if (!Array.isArray(value) || value.length !== 2)
      return this.refuse(key, 'amounts for two axes of a picture');
    const [rows, columns] = (value as readonly Json[]).map((side) =>
      new ConfigReader(this.where, { [key]: side }).pair(key, undefined, 0),
    );
    return [rows ?? [0, 0], columns ?? [0, 0]];
  }

  integers(key: string, min: number): readonly number[] {
    const value = this.json[key];
    const list = Array.isArray(value) ? (value as readonly Json[]) : [value ?? null];
    return list.every((item) => isSize(item, min)) ? list : this.refuse(key, 'a list of integers');
  }

  /** A Keras shape [null, ...sizes] without its batch axis; a size of null is null. */
  batchShape(key: string): readonly (number | null)[] {
    const value = this.json[key];
    const sizes = Array.isArray(value) ? (value as readonly Json[]).slice(1) : [];
    const fits = sizes.every((size): size is number | null => size === null || isSize(size, 1));
    return sizes.length > 0 && fits ? sizes : this.refuse(key, 'a shape');
  }

  activation(key = 'activation'): ActivationName {
    const value = this.json[key] ?? 'linear';
    return typeof value === 'string' ? activationName(this.where, value) : this.refuse(key, 'a name');
  }

  initializer(key: string, fallback: () => Initializer): Initializer {
    const value = this.json[key] ?? null;
    return value === null ? fallback() : readInitializer(`${this.where} ${key}`, value);
  }

  /** λ of an L2 regularizer, 0 for none. */
  l2(key: string): number {
    const value = this.json[key] ?? null;
    if (value === null) return 0;
    const config = isJsonObject(value) ? value['config'] : undefined;
    const { l2, l1 } = isJsonObject(config) ? config : {};
    const className = isJsonObject(value) ? value['class_name'] : undefined;
    const fits = className === 'L2' || className === 'L1L2';
    if (fits && (l1 ?? 0) === 0 && typeof l2 === 'number' && l2 >= 0) return l2;
    return this.refuse(key, 'an L2 regularizer or null');
  }

  /** Refuses any value but those that Mien computes the same as Keras. */
  must(key: string, ...allowed: readonly (Json | undefined)[]): void {
    const value = this.json[key];
    if (value === undefined || allowed.includes(value)) return;
    this.refuse(key, allowed.map((item) => JSON.stringify(item)).join(' or '));
  }

  private refuse(key: string, expected: string): never {
    const received = `${key} = ${shortened(JSON.stringify(this.json[key]))}`;
    throw new InputError({ where: this.where, received, expected });
  }
}

function isSize(value: Json | undefined, min: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= LARGEST;
}

function shortened(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
