import { GraphError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { Feeds, Runtime } from '../session.js';

/** What is used of `onnxruntime-web`. */
interface OrtWeb {
  readonly env: { readonly versions: { readonly web?: string }; readonly wasm: { numThreads?: number } };
  readonly Tensor: new (dtype: DType, data: Tensor['data'], shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OrtWebSession>;
  };
}

interface OrtTensor {
  readonly type: DType;
  readonly dims: readonly number[];
  readonly data: Tensor['data'];
}

interface OrtWebSession {
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

const PACKAGE: string = 'onnxruntime-web';

/**
 * ONNX Runtime as browsers have it, on WebAssembly with one thread; undefined where the package is not installed.
 *
 * @example const session = await (await ortWasm())?.createSession(bytes);
 */
export async function ortWasm(): Promise<Runtime | undefined> {
  const ort = await import(PACKAGE).then(
    (found) => found as OrtWeb,
    () => undefined,
  );
  if (ort === undefined) return undefined;
  ort.env.wasm.numThreads = 1;
  return {
    name: `onnxruntime-web ${ort.env.versions.web ?? ''} (wasm)`,
    createSession: async (model) => {
      const options = { executionProviders: ['wasm'], logSeverityLevel: 4 };
      const session = await refusing(ort.InferenceSession.create(model, options));
      return {
        run: (feeds) => refusing(run(ort, session, feeds)),
        close: () => session.release(),
      };
    },
  };
}

async function run(ort: OrtWeb, session: OrtWebSession, feeds: Feeds): Promise<Record<string, Tensor>> {
  const inputs = Object.entries(feeds).map(
    ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)] as const,
  );
  const results = await session.run(Object.fromEntries(inputs));
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [name, { dtype: type, shape: dims, data }]),
  );
}

function refusing<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const [line = ''] = messageOf(error).split('\n');
    const received = `a refusal (${line.trim()})`;
    throw new GraphError(
      { where: 'ONNX Runtime web', received, expected: 'a model it can run' },
      { cause: error },
    );
  });
}
