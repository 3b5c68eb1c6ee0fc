import { availableParallelism } from 'node:os';

import * as ort from 'onnxruntime-node';

import { GraphError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { Feeds, Runtime, Session, SessionOptions } from '../session.js';

/**
 * ONNX Runtime in Node (CPU).
 *
 * @param defaults threads of sessions that do not ask for a number of their own; by default all of the machine
 *
 * @example
 * const session = await ortNode().createSession(encodeModel(graph));
 */
export function ortNode(defaults: Pick<SessionOptions, 'threads'> = {}): Runtime {
  return {
    name: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`,
    createSession: async (model, options) =>
      new OrtSession(await compile(model, { ...defaults, ...options })),
  };
}

async function compile(model: Uint8Array, options: SessionOptions = {}): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      intraOpNumThreads: options.threads ?? availableParallelism(),
      interOpNumThreads: 1,
      graphOptimizationLevel: options.optimize === false ? 'disabled' : 'all',
      // What goes wrong is thrown; it need not be printed as well.
      logSeverityLevel: 4,
      // Adam's moments decay into denormals, which are many times slower.
      extra: { session: { set_denormal_as_zero: '1' } },
    });
  } catch (error) {
    throw refusal(error, 'a model it can run');
  }
}

function refusal(error: unknown, expected: string): GraphError {
  const [line = ''] = messageOf(error).split('\n');
  return new GraphError(
    { where: 'ONNX Runtime', received: `a refusal (${line.trim()})`, expected },
    { cause: error },
  );
}

class OrtSession implements Session {
  constructor(private readonly session: ort.InferenceSession) {}

  async run(feeds: Feeds, into?: Feeds): Promise<Record<string, Tensor>> {
    const results = await this.compute(feeds, into).catch((error: unknown) => {
      throw refusal(error, 'a model that fits its input');
    });
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
  }

  private compute(feeds: Feeds, into: Feeds | undefined): Promise<ort.InferenceSession.OnnxValueMapType> {
    if (into === undefined) return this.session.run(toOrt(feeds));
    return this.session.run(toOrt(feeds), this.fetches(into));
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  private fetches(into: Feeds): Record<string, ort.Tensor | null> {
    const all = Object.fromEntries(this.session.outputNames.map((name) => [name, null]));
    return { ...all, ...toOrt(into) };
  }
}

function toOrt(tensors: Feeds): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, data, shape }]) => [
      name,
      new ort.Tensor(dtype as 'float32', data as Float32Array, shape),
    ]),
  );
}

function fromOrt(value: ort.Tensor): Tensor {
  return { dtype: value.type as DType, shape: value.dims, data: value.data as Float32Array };
}
