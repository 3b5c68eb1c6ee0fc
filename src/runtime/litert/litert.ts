import { GraphError, InputError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { DescribedRuntime, DescribedSession, Feeds, Port } from '../session.js';
import { liteRtVersion, loadLiteRt, type LiteRt, type LiteRtModel, type LiteRtPort } from './load.js';

/**
 * TensorFlow Lite files in Node: LiteRT for WebAssembly with XNNPACK, one thread.
 *
 * The package `@litertjs/core` must be installed; it is looked for when the first session is made.
 *
 * @example
 * const session = await liteRt().createSession(readFileSync('model.tflite'));
 */
export function liteRt(): DescribedRuntime {
  return {
    get name() {
      return `LiteRT ${liteRtVersion()}`;
    },
    createSession: async (bytes) => {
      const litert = await loadLiteRt();
      return new LiteRtSession(litert, await compile(litert, bytes));
    },
  };
}

async function compile(litert: LiteRt, bytes: Uint8Array): Promise<LiteRtModel> {
  try {
    return await litert.loadAndCompile(bytes, { accelerator: 'wasm' });
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    throw new InputError(
      { where: 'LiteRT', received: `a refusal (${reason})`, expected: 'a TensorFlow Lite model it can run' },
      { cause: error },
    );
  }
}

class LiteRtSession implements DescribedSession {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];

  constructor(
    private readonly litert: LiteRt,
    private readonly model: LiteRtModel,
  ) {
    this.inputs = model.getInputDetails().map(portOf);
    this.outputs = model.getOutputDetails().map(portOf);
  }

  async run(feeds: Feeds, into: Feeds = {}): Promise<Record<string, Tensor>> {
    const inputs = Object.entries(feeds).map(
      ([name, { data, shape }]) => [name, new this.litert.Tensor(data, [...shape])] as const,
    );
    const results = await this.model.run(Object.fromEntries(inputs));
    for (const [, tensor] of inputs) tensor.delete();
    const outputs: Record<string, Tensor> = {};
    for (const { name, dtype } of this.outputs) {
      const result = results[name];
      if (result === undefined)
        throw new GraphError({ where: 'LiteRT', received: `no output "${name}"`, expected: 'one' });
      outputs[name] = copied(into[name], dtype, {
        shape: Array.from(result.type.layout.dimensions),
        values: result.toTypedArray(),
      });
      // Tensors live in WebAssembly's memory, which nobody collects.
      result.delete();
    }
    return outputs;
  }

  close(): Promise<void> {
    this.model.delete();
    return Promise.resolve();
  }
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array } as const;
type Known = keyof typeof ARRAYS;

function portOf({ name, dtype, shape }: LiteRtPort): Port {
  return { name, dtype: knownType(name, dtype), shape: Array.from(shape) };
}

function knownType(name: string, dtype: string): Known {
  if (dtype in ARRAYS) return dtype as Known;
  const expected = `one of ${Object.keys(ARRAYS).join(', ')}`;
  throw new InputError({ where: `LiteRT: "${name}"`, received: `values of type ${dtype}`, expected });
}

/** A result in memory of our own: the target's, where there is one. */
function copied(
  target: Tensor | undefined,
  dtype: DType,
  { shape, values }: { readonly shape: number[]; readonly values: ArrayLike<number> },
): Tensor {
  const data =
    target === undefined ? new ARRAYS[dtype as Known](values.length) : (target.data as Float32Array);
  data.set(values);
  return { dtype, shape, data };
}
