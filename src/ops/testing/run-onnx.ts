import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

import type { DType } from '../../core/tensor.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph } from '../../onnx/graph.js';
import type { NdArray } from '../reference/ndarray.js';

/** Runs a graph of ONNX operators in ONNX Runtime, float32 on one thread; returns its outputs by name. */
export async function runOnnx(
  graph: Graph,
  feeds: Readonly<Record<string, NdArray>>,
): Promise<Map<string, NdArray>> {
  const session = await InferenceSession.create(encodeModel(graph), { intraOpNumThreads: 1 });
  try {
    const tensors: Record<string, OrtTensor> = {};
    for (const { name, dtype } of graph.inputs) tensors[name] = toOrt(feeds[name], dtype);
    const results = await session.run(tensors);
    return new Map(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
  } finally {
    await session.release();
  }
}

function toOrt(feed: NdArray | undefined, dtype: DType): OrtTensor {
  if (feed === undefined) throw new Error('a feed is missing');
  if (dtype === 'int64') return new OrtTensor(dtype, BigInt64Array.from(feed.data, BigInt), feed.shape);
  if (dtype === 'int32') return new OrtTensor(dtype, Int32Array.from(feed.data), feed.shape);
  if (dtype === 'bool') return new OrtTensor(dtype, Uint8Array.from(feed.data), feed.shape);
  return new OrtTensor('float32', Float32Array.from(feed.data), feed.shape);
}

function fromOrt({ data, dims }: OrtTensor): NdArray {
  return { shape: dims, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}
