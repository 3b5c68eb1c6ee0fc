import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

import type * as LiteRt from '@litertjs/core';

import type { Shape, Tensor } from '../../core/tensor.js';

const require = createRequire(import.meta.url);
/** Where the WebAssembly files of LiteRT lie. */
const WASM = join(dirname(require.resolve('@litertjs/core')), '..', 'wasm');

const ignore = () => undefined;
let loaded: Promise<typeof LiteRt> | undefined;

/**
 * LiteRT expects a browser's worker, in which `importScripts` loads its script and `Module` says where its files are; the
 * script itself then finds Node and wants `require`.
 */
function load(): Promise<typeof LiteRt> {
  loaded ??= (async () => {
    Object.assign(globalThis, {
      self: globalThis,
      require,
      __dirname: WASM,
      __filename: join(WASM, 'litert.js'),
      importScripts: (path: string) =>
        runInThisContext(readFileSync(path, 'utf8'), { filename: path }) as unknown,
      Module: { locateFile: (file: string) => join(WASM, file), print: ignore, printErr: ignore },
    });
    const litert = await import('@litertjs/core');
    const { warn } = console;
    // It would say that there is no WebGPU.
    console.warn = ignore;
    await litert.loadLiteRt(`${WASM}/`).finally(() => (console.warn = warn));
    return litert;
  })();
  return loaded;
}

/** What LiteRT computed. */
export interface LiteRtResult {
  /** Outputs by the signature's names. */
  readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;
  /** Whether XNNPACK runs every operator. */
  readonly accelerated: boolean;
}

/** Runs a `.tflite` model in LiteRT for WebAssembly (XNNPACK), inputs by the signature's names. */
export async function runLiteRt(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<LiteRtResult> {
  const litert = await load();
  const model = await litert.loadAndCompile(bytes, { accelerator: 'wasm' });
  try {
    const feeds = Object.entries(inputs).map(
      ([name, { data, shape }]) =>
        [
          name,
          new litert.Tensor(
            data instanceof Uint8Array ? Uint8Array.from(data) : Float32Array.from(data as Float32Array),
            [...shape],
          ),
        ] as const,
    );
    const results: Record<string, LiteRt.Tensor> = await model.run(Object.fromEntries(feeds));
    const outputs = Object.entries(results).map(([name, result]) => {
      const shape = Array.from(result.type.layout.dimensions);
      return [name, { shape, data: Float32Array.from(result.toTypedArray()) }] as const;
    });
    return { outputs: Object.fromEntries(outputs), accelerated: model.isFullyAccelerated };
  } finally {
    model.delete();
  }
}
