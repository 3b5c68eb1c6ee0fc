import { GraphError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { Attribute, TypeInfo, Value } from './graph.js';

/** Declaration of one attribute: its ONNX type and, unless it is optional or required, its default. */
export type AttributeSpec =
  | { readonly kind: 'int' | 'float'; readonly default?: number; readonly required?: boolean }
  | { readonly kind: 'string'; readonly default?: string; readonly required?: boolean }
  | { readonly kind: 'ints' | 'floats'; readonly default?: readonly number[]; readonly required?: boolean }
  | { readonly kind: 'tensor'; readonly default?: Tensor; readonly required?: boolean };

type PlainOf<S extends AttributeSpec> = S['kind'] extends 'int' | 'float'
  ? number
  : S['kind'] extends 'string'
    ? string
    : S['kind'] extends 'ints' | 'floats'
      ? readonly number[]
      : Tensor;

type Present = { readonly default: unknown } | { readonly required: true };

/** Plain attribute values of a specification: optional ones without default may be undefined. */
export type AttributesOf<S extends Readonly<Record<string, AttributeSpec>>> = {
  readonly [K in keyof S]: S[K] extends Present ? PlainOf<S[K]> : PlainOf<S[K]> | undefined;
};

/** Attribute values as callers write them. */
export type PlainAttributes = Readonly<
  Record<string, number | string | readonly number[] | Tensor | undefined>
>;

/** What a shape rule may ask for beside types. */
export interface InferenceContext {
  /** The content of a value that is a constant, for operators whose shape depends on it. */
  constantOf(value: Value): Tensor | undefined;
}

/** The part of an operator that the builder, the checker and the codec need. */
export interface OperatorSchema {
  readonly opType: string;
  readonly domain: string;
  /** Opset (of its domain) in which this form of the operator appeared. */
  readonly since: number;
  /** Fewest and most inputs. */
  readonly inputs: readonly [number, number];
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  /** Types of all outputs. @throws GraphError on inputs that do not fit. */
  infer(
    inputs: readonly (Value | undefined)[],
    attributes: PlainAttributes,
    context: InferenceContext,
  ): TypeInfo[];
}

/** Finds the schema of an operator. @throws GraphError when there is none. */
export type SchemaLookup = (opType: string, domain: string) => OperatorSchema;

/** Tags plain attribute values by a schema, dropping undefined ones. @throws GraphError on unknown names. */
export function tagAttributes(schema: OperatorSchema, plain: PlainAttributes): Record<string, Attribute> {
  const tagged: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    const spec = schema.attributes[name];
    if (spec === undefined) throw unknownAttribute(schema, name);
    tagged[name] = { kind: spec.kind, value } as Attribute;
  }
  return tagged;
}

/**
 * Plain values of a node's attributes with the schema's defaults filled in.
 * @throws GraphError when a required one is missing, or one is there that the schema does not know: leaving out,
 *   say, a convolution's `auto_pad` would compute something else.
 */
export function plainAttributes(
  schema: OperatorSchema,
  tagged: Readonly<Record<string, Attribute>>,
): PlainAttributes {
  const plain: Record<string, PlainAttributes[string]> = {};
  const stranger = Object.keys(tagged).find((name) => schema.attributes[name] === undefined);
  if (stranger !== undefined) throw unknownAttribute(schema, stranger);
  for (const [name, spec] of Object.entries(schema.attributes)) {
    const value = tagged[name]?.value ?? spec.default;
    if (value === undefined && spec.required === true) throw missingAttribute(schema, name);
    plain[name] = value;
  }
  return plain;
}

function unknownAttribute(schema: OperatorSchema, name: string): GraphError {
  const known = Object.keys(schema.attributes).join(', ');
  return new GraphError({
    where: schema.opType,
    received: `attribute "${name}"`,
    expected: known === '' ? 'none' : known,
  });
}

function missingAttribute(schema: OperatorSchema, name: string): GraphError {
  return new GraphError({
    where: schema.opType,
    received: `no attribute "${name}"`,
    expected: 'it to be set',
  });
}
