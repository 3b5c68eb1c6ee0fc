import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

import { InputError } from '../../core/errors.js';

/** What is used of `@litertjs/core`; its own declarations change TypeScript's typed arrays for the whole program. */
export interface LiteRt {
  readonly Tensor: new (data: ArrayBufferView, shape: number[]) => LiteRtTensor;
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(bytes: Uint8Array, options: { accelerator: 'wasm' }): Promise<LiteRtModel>;
}

export interface LiteRtTensor {
  readonly type: { readonly layout: { readonly dimensions: ArrayLike<number> } };
  toTypedArray(): ArrayLike<number>;
  delete(): void;
}

/** An input or output as LiteRT describes it. */
export interface LiteRtPort {
  readonly name: string;
  readonly dtype: string;
  readonly shape: ArrayLike<number>;
}

export interface LiteRtModel {
  readonly isFullyAccelerated: boolean;
  getInputDetails(): readonly LiteRtPort[];
  getOutputDetails(): readonly LiteRtPort[];
  run(inputs: Record<string, LiteRtTensor>): Promise<Record<string, LiteRtTensor>>;
  delete(): void;
}

const PACKAGE: string = '@litertjs/core';

/** Folder of the installed package. @throws InputError when there is none */
export function liteRtFolder(): string {
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

let loaded: Promise<LiteRt> | undefined;

/**
 * LiteRT for WebAssembly, loaded once.
 *
 * It expects a browser's worker, in which `importScripts` loads its script and `Module` says where its files are; the
 * script itself then finds Node and wants what CommonJS modules have. What it needs of that lasts while it loads.
 */
export function loadLiteRt(): Promise<LiteRt> {
  loaded ??= (async () => {
    const wasm = join(liteRtFolder(), 'wasm');
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
