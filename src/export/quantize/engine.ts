import type { Tensor } from '../../core/tensor.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph } from '../../onnx/graph.js';

/** A compiled graph; a `Session` of the runtime folder is one. */
export interface GraphSession {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** What compiles ONNX models; a `Runtime` is one. */
export interface GraphEngine {
  createSession(model: Uint8Array): Promise<GraphSession>;
}

/** Normalized pictures in batches of one size, `[batch, C, H, W]`, as the model's inference gets them. */
export interface PictureSource {
  /** Number of batches. */
  readonly count: number;
  /** Pictures in each batch. */
  readonly batchSize: number;
  batch(index: number): Promise<Tensor<'float32'>>;
}

/** The first batches of a source. */
export function firstBatches(source: PictureSource, count: number): PictureSource {
  return { ...source, count: Math.min(count, source.count), batch: (index) => source.batch(index) };
}

/** Runs a graph of one input over all batches and hands each batch's outputs to `visit`. */
export async function runOver(
  engine: GraphEngine,
  graph: Graph,
  source: PictureSource,
  visit: (outputs: Readonly<Record<string, Tensor>>, batch: number) => void,
): Promise<void> {
  const session = await engine.createSession(encodeModel(graph));
  const input = graph.inputs[0]?.name ?? '';
  try {
    for (let index = 0; index < source.count; index++)
      visit(await session.run({ [input]: await source.batch(index) }), index);
  } finally {
    await session.close();
  }
}

/** Values of a float tensor. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array(0);
}
