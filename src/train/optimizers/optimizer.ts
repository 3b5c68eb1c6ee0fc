import type { Value } from '../../onnx/graph.js';
import type { Emitter } from '../../ops/emitter.js';

/** Optimizers by Keras's names and with Keras's arithmetic. */
export type OptimizerConfig =
  | { readonly name: 'adam'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  | {
      readonly name: 'adamw';
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      /** Decoupled decay of kernels (biases and norms are left alone), as a fraction of the learning rate. */
      readonly weightDecay: number;
    }
  | { readonly name: 'sgd'; readonly momentum?: number; readonly nesterov?: boolean };

/** Operands of one update; vectors are flat, `[P]`. */
export interface UpdateInputs {
  readonly parameters: Value;
  readonly gradient: Value;
  /** One vector per {@link OptimizerRule.slots}, zero at the start. */
  readonly state: readonly Value[];
  /** One per {@link OptimizerRule.scalars}: a scalar, or a vector `[P]` where layers learn at rates of their own. */
  readonly scalars: readonly Value[];
  /** 1 where weight decay applies, else 0. */
  readonly decayMask: Value | undefined;
}

/** An optimizer: what it remembers, which scalars change each step, and its arithmetic as graph nodes. */
export interface OptimizerRule {
  /** Names of state vectors. */
  readonly slots: readonly string[];
  /** Names of scalars that the host computes for every step; each is a multiple of the learning rate. */
  readonly scalars: readonly string[];
  /**
   * Values of {@link scalars}.
   * @param step 1 for the first update
   */
  scalarsAt(step: number, learningRate: number): readonly number[];
  /** Adds the update and returns new parameters and state. */
  emit(o: Emitter, inputs: UpdateInputs): { readonly parameters: Value; readonly state: readonly Value[] };
}
