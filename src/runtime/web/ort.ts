import type * as Ort from 'onnxruntime-web';

import { GraphError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { Feeds, Runtime, Session } from '../session.js';

/** What is used of a build of `onnxruntime-web`. */
export type OrtModule = Pick<typeof Ort, 'env' | 'InferenceSession' | 'Tensor'>;

/** What computes: the CPU through WebAssembly, or the graphics card through WebGPU. */
export type Device = 'wasm' | 'webgpu';

/** Where ONNX Runtime's files are, and what it computes with. */
export interface OrtWebOptions {
  /** What computes; default `wasm`. */
  readonly device?: Device;
  /** Which build of the package the module is, if not the device's own: that for WebGPU computes on the CPU, too. */
  readonly build?: Device;
  /** Threads of WebAssembly; default 1. More need a page that is isolated from other origins. */
  readonly threads?: number;
  /**
   * URL of the folder with the `.wasm` file, ending in `/`, or of the file itself; by default where the bundler put it,
   * beside the module.
   */
  readonly wasm?: string;
}

/** The file of a folder that each build needs. */
const FILES = {
  wasm: 'ort-wasm-simd-threaded.wasm',
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
} as const;

/**
 * ONNX Runtime as browsers have it.
 *
 * Its settings belong to the whole module and count from the first session on: one runtime per worker.
 *
 * @param ort `onnxruntime-web/wasm`, or `onnxruntime-web/webgpu` for the graphics card
 * @example const runtime = ortWeb(await import('onnxruntime-web/wasm'), { wasm: '/ort/' });
 */
export function ortWeb(ort: OrtModule, options: OrtWebOptions = {}): Runtime {
  const { device = 'wasm', build = device, threads = 1, wasm } = options;
  ort.env.wasm.numThreads = threads;
  if (wasm !== undefined)
    ort.env.wasm.wasmPaths = { wasm: wasm.endsWith('/') ? `${wasm}${FILES[build]}` : wasm };
  return {
    name: `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common} (${device})`,
    createSession: async (model) => {
      const settings = { executionProviders: [device], logSeverityLevel: 4 } as const;
      return new OrtWebSession(ort, await refusing(ort.InferenceSession.create(model, settings)));
    },
  };
}

class OrtWebSession implements Session {
  constructor(
    private readonly ort: OrtModule,
    private readonly session: Ort.InferenceSession,
  ) {}

  run(feeds: Feeds): Promise<Record<string, Tensor>> {
    return refusing(this.compute(feeds));
  }

  close(): Promise<void> {
    return this.session.release();
  }

  /** Frees what goes in and what comes out: results are copies. */
  private async compute(feeds: Feeds): Promise<Record<string, Tensor>> {
    const inputs = Object.entries(feeds).map(
      ([name, { dtype, data, shape }]) =>
        [name, new this.ort.Tensor(dtype as 'float32', data as Float32Array, shape)] as const,
    );
    try {
      const results = await this.session.run(Object.fromEntries(inputs));
      const read = Object.entries(results).map(async ([name, value]) => [name, await taken(value)] as const);
      return Object.fromEntries(await Promise.all(read));
    } finally {
      for (const [, tensor] of inputs) tensor.dispose();
    }
  }
}

async function taken(value: Ort.Tensor): Promise<Tensor> {
  const { type, dims } = value;
  try {
    return { dtype: type as DType, shape: dims, data: (await value.getData(true)) as Float32Array };
  } finally {
    value.dispose();
  }
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
