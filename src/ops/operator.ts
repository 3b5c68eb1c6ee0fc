import type { TypeInfo, Value } from '../onnx/graph.js';
import type { AttributesOf, AttributeSpec, InferenceContext, OperatorSchema } from '../onnx/schema.js';
import type { Emitter } from './emitter.js';
import type { NdArray } from './reference/ndarray.js';

/** What a gradient rule knows about the node whose inputs it differentiates. */
export interface GradientContext<A> {
  /** Adds nodes to the backward part of the graph. */
  readonly o: Emitter;
  /** The node's inputs; omitted optional ones are undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** Gradient of the loss with respect to each output; undefined where nothing flows. */
  readonly grads: readonly (Value | undefined)[];
  readonly attributes: A;
  /** Which inputs need a gradient; a rule may skip the others. */
  readonly needs: readonly boolean[];
}

/**
 * Returns the gradient of the loss with respect to each input (undefined: none flows).
 * Rules ignore broadcasting: the reverse walk sums each result back to its input's shape.
 */
export type GradientRule<A> = (context: GradientContext<A>) => readonly (Value | undefined)[];

/** Declares that no gradient flows through an operator, and why. */
export interface NotDifferentiable {
  readonly notDifferentiable: string;
}

/** Context of a decomposition into ONNX's own operators. */
export interface DecomposeContext<A> {
  readonly o: Emitter;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: A;
}

/**
 * One operator in one declaration: schema, shape rule, gradient, reference kernel and, for operators of
 * Mien's own domain, their decomposition into ONNX's.
 *
 * `gradient` is a required field: leaving it out does not compile.
 */
export interface OperatorDefinition<S extends Readonly<Record<string, AttributeSpec>>> {
  readonly opType: string;
  /** `''` (ONNX, default), `com.microsoft`, `com.microsoft.nchwc` or {@link MIEN_DOMAIN}. */
  readonly domain?: string;
  readonly since: number;
  readonly inputs: readonly [number, number];
  readonly attributes: S;
  infer(
    inputs: readonly (Value | undefined)[],
    attributes: AttributesOf<S>,
    context: InferenceContext,
  ): readonly TypeInfo[];
  readonly gradient: GradientRule<AttributesOf<S>> | NotDifferentiable;
  /** Straightforward float64 implementation, the yardstick of every test. */
  readonly reference: (
    inputs: readonly (NdArray | undefined)[],
    attributes: AttributesOf<S>,
  ) => readonly NdArray[];
  /** Required for operators that ONNX does not have. */
  readonly decompose?: (context: DecomposeContext<AttributesOf<S>>) => readonly Value[];
}

/** An operator with its attribute types erased, as the registry holds it. */
export interface Operator extends OperatorSchema {
  readonly gradient: GradientRule<never> | NotDifferentiable;
  readonly reference: (inputs: readonly (NdArray | undefined)[], attributes: never) => readonly NdArray[];
  readonly decompose: ((context: DecomposeContext<never>) => readonly Value[]) | undefined;
}

/** Turns a typed definition into a registry entry. */
export function defineOperator<const S extends Readonly<Record<string, AttributeSpec>>>(
  definition: OperatorDefinition<S>,
): Operator {
  return {
    opType: definition.opType,
    domain: definition.domain ?? '',
    since: definition.since,
    inputs: definition.inputs,
    attributes: definition.attributes,
    infer: (inputs, attributes, context) => [
      ...definition.infer(inputs, attributes as AttributesOf<S>, context),
    ],
    gradient: definition.gradient,
    reference: definition.reference,
    decompose: definition.decompose,
  };
}
