import type { Preprocessing } from '../core/preprocessing.js';
import type { Shape } from '../core/tensor.js';
import type { Origin } from '../models/model.js';

/** One layer of a model. */
export interface LayerInfo {
  readonly name: string;
  readonly className: string;
  /** Of its output, without the batch axis: [H, W, C] or [F]. */
  readonly shape: Shape;
  readonly parameters: number;
  /** Multiply–accumulates for one picture. */
  readonly macs: number;
  readonly trainable: boolean;
  /** Layers that it reads. */
  readonly inputs: readonly string[];
}

/** What `modelInfo` says about a model, ready for JSON. */
export interface ModelInfo {
  readonly version: 1;
  readonly source: string;
  readonly format: string;
  /** Of the file; null for a model that is part of the package. */
  readonly bytes: number | null;
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Multiply–accumulates of one picture; null for a network without layers. */
  readonly macs: number | null;
  /** How often each operator occurs in a network without layers; null for a model with layers. */
  readonly operators: Readonly<Record<string, number>> | null;
  readonly classes: readonly string[] | null;
  readonly preprocessing: Preprocessing | null;
  /** Where its weights come from, as its file says. */
  readonly origin: Origin;
  readonly layers: readonly LayerInfo[];
}
