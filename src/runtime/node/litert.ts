import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

import { GraphError, InputError, messageOf } from '../../core/errors.js';
import type { DType, Tensor } from '../../core/tensor.js';
import type { Feeds, Runtime, Session } from '../session.js';

/** What is used of `@litertjs/core`; its own declarations change TypeScript's typed arrays for the whole program. */
interface LiteRt {
  readonly Tensor: new (data: ArrayBufferView, shape: number[]) => LiteRtTensor;
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(bytes: Uint8Array, options: { accelerator: 'wasm' }): Promise<LiteRtModel>;
}

interface LiteRtTensor {
  readonly type: { readonly layout: { readonly dimensions: ArrayLike<number> } };
  toTypedArray(): Tensor['data'];
  delete(): void;
}

interface LiteRtModel {
  readonly isFullyAccelerated: boolean;
  run(inputs: Record<string, LiteRtTensor>): Promise<Record<string, LiteRtTensor>>;
  delete(): void;
}

/** A compiled `.tflite` model. */
export interface LiteRtSession extends Session {
  /** Whether XNNPACK runs every operator. */
  readonly accelerated: boolean;
}

/** LiteRT as a {@link Runtime} whose models are `.tflite` files. */
export interface LiteRtRuntime extends Runtime {
  createSession(model: Uint8Array): Promise<LiteRtSession>;
}

const PACKAGE: string = '@litertjs/core';

/**
 * LiteRT in Node: WebAssembly with XNNPACK, one thread; models are `.tflite` files, feeds go by the names of their
 * signature. The package is an optional dependency.
 *
 * @throws InputError when the package is not installed
 * @example const session = await litertNode().createSession(writeTflite(model));
 */
export function litertNode(): LiteRtRuntime {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return { name: `LiteRT ${version} (wasm)`, createSession };
}

/** Whether {@link litertNode} can be used. */
export function hasLiteRt(): boolean {
  try {
    return existsSync(packageFolder());
  } catch {
    return false;
  }
}

function packageFolder(): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));
  } catch (error) {
    throw new InputError(
      {
        where: 'TensorFlow Lite',
        received: `no package ${PACKAGE}`,
        expected: 'it installed, for it runs .tflite files',
        remedy: `run "npm install ${PACKAGE}"`,
      },
      { cause: error },
    );
  }
}

async function createSession(bytes: Uint8Array): Promise<LiteRtSession> {
  const litert = await load();
  const model = await litert.loadAndCompile(bytes, { accelerator: 'wasm' }).catch((error: unknown) => {
    throw refusal(error);
  });
  return {
    accelerated: model.isFullyAccelerated,
    run: (feeds) => run(litert, model, feeds),
    close: () => {
      model.delete();
      return Promise.resolve();
    },
  };
}

async function run(litert: LiteRt, model: LiteRtModel, feeds: Feeds): Promise<Record<string, Tensor>> {
  const inputs = Object.entries(feeds).map(
    ([name, { data, shape }]) => [name, new litert.Tensor(data, [...shape])] as const,
  );
  try {
    const results = await model.run(Object.fromEntries(inputs));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, taken(tensor)]));
  } catch (error) {
    throw refusal(error);
  } finally {
    for (const [, tensor] of inputs) tensor.delete();
  }
}

/** Copies a result out of LiteRT's memory and frees it. */
function taken(tensor: LiteRtTensor): Tensor {
  const data = tensor.toTypedArray().slice();
  const shape = Array.from(tensor.type.layout.dimensions);
  tensor.delete();
  return { dtype: dtypeOf(data), shape, data };
}

function dtypeOf(data: Tensor['data']): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof Int8Array ? 'int8' : 'uint8';
}

function refusal(error: unknown): GraphError {
  const received = `a refusal (${messageOf(error)})`;
  return new GraphError({ where: 'LiteRT', received, expected: 'a model it can run' }, { cause: error });
}

let loaded: Promise<LiteRt> | undefined;

/**
 * LiteRT expects a browser's worker, in which `importScripts` loads its script and `Module` says where its files are; the
 * script itself then finds Node and wants what CommonJS modules have. What it needs of that lasts while it loads.
 */
function load(): Promise<LiteRt> {
  loaded ??= (async () => {
    const wasm = join(packageFolder(), 'wasm');
    const restore = pretend(workerGlobals(wasm));
    const { warn } = console;
    // It would say that there is no WebGPU.
    console.warn = ignore;
    try {
      const litert = (await import(PACKAGE)) as LiteRt;
      await litert.loadLiteRt(`${wasm}/`);
      return litert;
    } finally {
      console.warn = warn;
      restore();
    }
  })();
  return loaded;
}

function workerGlobals(wasm: string): Readonly<Record<string, unknown>> {
  return {
    self: globalThis,
    require: createRequire(import.meta.url),
    __dirname: wasm,
    __filename: join(wasm, 'litert.js'),
    importScripts: (path: string) =>
      runInThisContext(readFileSync(path, 'utf8'), { filename: path }) as unknown,
    Module: { locateFile: (file: string) => join(wasm, file), print: ignore, printErr: ignore },
  };
}

/** Sets globals; returns what sets them back. */
function pretend(globals: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(globals).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  Object.assign(globalThis, globals);
  return () => {
    for (const [name, descriptor] of before) {
      Reflect.deleteProperty(globalThis, name);
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
  };
}

function ignore(): void {
  // Says nothing.
}
