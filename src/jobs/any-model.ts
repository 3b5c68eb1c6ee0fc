import type { Preprocessing } from '../core/preprocessing.js';
import type { Shape } from '../core/tensor.js';
import type { Calibration, Model, Origin } from '../models/model.js';
import type { FileNet } from '../predict/file-net.js';

/** A classifier whose layers are gone: an ONNX or TensorFlow Lite file. */
export interface FileModel {
  readonly net: FileNet;
  readonly preprocessing: Preprocessing | undefined;
  readonly classes: readonly string[] | undefined;
  readonly origin: Origin;
  /** How its logits become probabilities; absent where the file does not say. */
  readonly calibration?: Calibration;
}

/** Whatever can classify pictures. */
export type AnyModel = Model | FileModel;

/** What a model calls itself. */
export function modelName(model: AnyModel): string {
  return 'net' in model ? model.net.name : model.graph.name;
}

/** Number of classes; undefined where a file leaves it open. */
export function outputsOf(model: AnyModel): number | undefined {
  if ('net' in model) return model.net.output.classes;
  return model.graph.shapeOf(model.graph.outputs[0] ?? '').at(-1) ?? 0;
}

/** What goes in: [H, W, C]; undefined where a file leaves it open or takes raw pictures of any record. */
export function inputOf(model: AnyModel): Shape | undefined {
  if (!('net' in model)) return model.graph.shapeOf(model.graph.inputs[0] ?? '');
  const { size, channels } = model.net.input;
  return size === undefined ? undefined : [...size, channels];
}
