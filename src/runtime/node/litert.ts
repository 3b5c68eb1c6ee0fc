import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { GraphError, InputError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { DescribedRuntime, DescribedSession, Feeds, Port } from '../session.js';
import { liteRtFolder, loadLiteRt, type LiteRt, type LiteRtModel, type LiteRtPort } from './litert-load.js';

/** A compiled `.tflite` model; its tensors go by the names of its signature. */
export interface LiteRtSession extends DescribedSession {
  /** Whether XNNPACK runs every operator. */
  readonly accelerated: boolean;
}

/** LiteRT as a runtime whose models are `.tflite` files. */
export interface LiteRtRuntime extends DescribedRuntime {
  createSession(model: Uint8Array): Promise<LiteRtSession>;
}

/**
 * LiteRT in Node: WebAssembly with XNNPACK, one thread. The package is an optional dependency.
 *
 * @throws InputError when the package is not installed
 * @example const session = await litertNode().createSession(writeTflite(model));
 */
export function litertNode(): LiteRtRuntime {
  const { version } = JSON.parse(readFileSync(join(liteRtFolder(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return { name: `LiteRT ${version} (wasm)`, createSession };
}

/** Whether {@link litertNode} can be used. */
export function hasLiteRt(): boolean {
  try {
    return existsSync(liteRtFolder());
  } catch {
    return false;
  }
}

async function createSession(bytes: Uint8Array): Promise<LiteRtSession> {
  const litert = await loadLiteRt();
  const model = await litert.loadAndCompile(bytes, { accelerator: 'wasm' }).catch((error: unknown) => {
    throw refusal(error);
  });
  const outputs = model.getOutputDetails().map(portOf);
  return {
    accelerated: model.isFullyAccelerated,
    inputs: model.getInputDetails().map(portOf),
    outputs,
    run: (feeds, into) => run({ litert, model, outputs }, feeds, into),
    close: () => {
      model.delete();
      return Promise.resolve();
    },
  };
}

interface Compiled {
  readonly litert: LiteRt;
  readonly model: LiteRtModel;
  readonly outputs: readonly Port[];
}

async function run(
  { litert, model, outputs }: Compiled,
  feeds: Feeds,
  into: Feeds = {},
): Promise<Record<string, Tensor>> {
  const inputs = Object.entries(feeds).map(
    ([name, { data, shape }]) => [name, new litert.Tensor(data, [...shape])] as const,
  );
  try {
    const results = await model.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      outputs.map(({ name, dtype }) => [name, taken(results[name], dtype, into[name])]),
    );
  } catch (error) {
    throw refusal(error);
  } finally {
    for (const [, tensor] of inputs) tensor.delete();
  }
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array } as const;
type Known = keyof typeof ARRAYS;

/** Copies a result out of LiteRT's memory, which nobody collects, into the target where there is one. */
function taken(
  result: Awaited<ReturnType<LiteRtModel['run']>>[string] | undefined,
  dtype: DType,
  target: Tensor | undefined,
): Tensor {
  if (result === undefined) throw new Error('an output is missing');
  const values = result.toTypedArray();
  const shape = Array.from(result.type.layout.dimensions);
  const data = (target?.data ?? new ARRAYS[dtype as Known](values.length)) as Float32Array;
  data.set(values);
  result.delete();
  return { dtype, shape, data };
}

function portOf({ name, dtype, shape }: LiteRtPort): Port {
  if (dtype in ARRAYS) return { name, dtype: dtype as Known, shape: Array.from(shape) };
  const expected = `one of ${Object.keys(ARRAYS).join(', ')}`;
  throw new InputError({ where: `LiteRT: "${name}"`, received: `values of type ${dtype}`, expected });
}

function refusal(error: unknown): GraphError {
  const received = `a refusal (${messageOf(error)})`;
  return new GraphError({ where: 'LiteRT', received, expected: 'a model it can run' }, { cause: error });
}
