import { InputError, messageOf } from '../../core/errors.js';
import type { Runtime } from '../session.js';
import { ortWeb, type OrtModule, type OrtWebOptions } from './ort.js';

/**
 * ONNX Runtime from a URL, for pages without a bundler.
 *
 * @param url of `ort.wasm.bundle.min.mjs`, or of `ort.webgpu.bundle.min.mjs` for the graphics card
 * @throws InputError when there is no such module
 */
export async function ortWebFrom(url: string, options: OrtWebOptions): Promise<Runtime> {
  try {
    // The address is the page's: bundlers must leave it alone.
    const ort = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as OrtModule;
    return ortWeb(ort, options);
  } catch (error) {
    throw new InputError(
      {
        where: 'load: onnxruntime',
        received: `${url}, which does not load (${messageOf(error)})`,
        expected: 'the URL of ort.wasm.bundle.min.mjs of onnxruntime-web',
      },
      { cause: error },
    );
  }
}
