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

const ignore = () => undefined;
let loaded: Promise<LiteRt> | undefined;

/**
 * LiteRT for WebAssembly, loaded once.
 *
 * It expects a browser's worker, in which `importScripts` loads its script and `Module` says where its files are; the
 * script itself then finds Node and wants what CommonJS modules have. All this is put into the global scope.
 *
 * @throws InputError when the package is not installed
 */
export function loadLiteRt(): Promise<LiteRt> {
  loaded ??= load();
  return loaded;
}

/** Version of the installed package. @throws InputError when there is none */
export function liteRtVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

async function load(): Promise<LiteRt> {
  const wasm = join(packageFolder(), 'wasm');
  Object.assign(globalThis, {
    self: globalThis,
    require: createRequire(import.meta.url),
    __dirname: wasm,
    __filename: join(wasm, 'litert.js'),
    importScripts: (path: string) =>
      runInThisContext(readFileSync(path, 'utf8'), { filename: path }) as unknown,
    Module: { locateFile: (file: string) => join(wasm, file), print: ignore, printErr: ignore },
  });
  const litert = (await import(PACKAGE)) as LiteRt;
  const { warn } = console;
  // It would say that there is no WebGPU.
  console.warn = ignore;
  await litert.loadLiteRt(`${wasm}/`).finally(() => (console.warn = warn));
  return litert;
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
  } catch (error) {
    throw new InputError(
      {
        where: 'LiteRT',
        received: `no package ${PACKAGE}`,
        expected: 'the engine for TensorFlow Lite files',
        remedy: `npm install ${PACKAGE}`,
      },
      { cause: error },
    );
  }
}
