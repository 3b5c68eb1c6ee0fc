import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

import type { Shape, Tensor } from '../../core/tensor.js';

/** What is used of `@litertjs/core`; its own declarations change TypeScript's typed arrays for the whole program. */
interface LiteRt {
  readonly Tensor: new (data: ArrayBufferView, shape: number[]) => LiteRtTensor;
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(bytes: Uint8Array, options: { accelerator: 'wasm' }): Promise<LiteRtModel>;
}

interface LiteRtTensor {
  readonly type: { readonly layout: { readonly dimensions: ArrayLike<number> } };
  toTypedArray(): ArrayLike<number>;
  delete(): void;
}

interface LiteRtModel {
  readonly isFullyAccelerated: boolean;
  run(inputs: Record<string, LiteRtTensor>): Promise<Record<string, LiteRtTensor>>;
  delete(): void;
}

const PACKAGE: string = '@litertjs/core';
const require = createRequire(import.meta.url);
/** Where its WebAssembly files lie. */
const WASM = join(dirname(require.resolve(PACKAGE)), '..', 'wasm');

const ignore = () => undefined;
let loaded: Promise<LiteRt> | undefined;

/**
 * LiteRT expects a browser's worker, in which `importScripts` loads its script and `Module` says where its files are; the
 * script itself then finds Node and wants what CommonJS modules have.
 */
function load(): Promise<LiteRt> {
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
    const litert = (await import(PACKAGE)) as LiteRt;
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
  const [result] = await runLiteRtEach(bytes, [inputs]);
  if (result === undefined) throw new Error('LiteRT gave no result');
  return result;
}

/** {@link runLiteRt} on several inputs in turn. */
export async function runLiteRtEach(
  bytes: Uint8Array,
  runs: readonly Readonly<Record<string, Tensor>>[],
): Promise<LiteRtResult[]> {
  const litert = await load();
  const model = await litert.loadAndCompile(bytes, { accelerator: 'wasm' });
  const results: LiteRtResult[] = [];
  try {
    for (const inputs of runs) results.push(await runOnce(litert, model, inputs));
  } finally {
    model.delete();
  }
  return results;
}

async function runOnce(
  litert: LiteRt,
  model: LiteRtModel,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<LiteRtResult> {
  const feeds = Object.entries(inputs).map(
    ([name, { data, shape }]) => [name, new litert.Tensor(data, [...shape])] as const,
  );
  const results = await model.run(Object.fromEntries(feeds));
  for (const [, tensor] of feeds) tensor.delete();
  const outputs = Object.entries(results).map(([name, result]) => {
    const shape = Array.from(result.type.layout.dimensions);
    const data = Float32Array.from(result.toTypedArray());
    result.delete();
    return [name, { shape, data }] as const;
  });
  return { outputs: Object.fromEntries(outputs), accelerated: model.isFullyAccelerated };
}
