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

/** A batch and what a graph answered to it. */
export interface Answered {
  /** Number of the batch. */
  readonly index: number;
  readonly input: Tensor<'float32'>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Runs a graph of one input over all batches and hands each batch and its outputs to `visit`. */
export function runOver(
  engine: GraphEngine,
  graph: Graph,
  source: PictureSource,
  visit: (answered: Answered) => void | Promise<void>,
): Promise<void> {
  return withGraph(engine, graph, async (run) => {
    for (let index = 0; index < source.count; index++) {
      const input = await source.batch(index);
      await visit({ index, input, outputs: await run(input) });
    }
  });
}

/** Compiles a graph of one input for as long as `use` takes. */
export async function withGraph<T>(
  engine: GraphEngine,
  graph: Graph,
  use: (run: (input: Tensor<'float32'>) => Promise<Record<string, Tensor>>) => Promise<T>,
): Promise<T> {
  const session = await engine.createSession(encodeModel(graph));
  const name = graph.inputs[0]?.name ?? '';
  try {
    return await use((input) => session.run({ [name]: input }));
  } finally {
    await session.close();
  }
}

/** Values of a float tensor. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array(0);
}
