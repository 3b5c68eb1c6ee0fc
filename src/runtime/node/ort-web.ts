import type { Runtime } from '../session.js';
import { ortWeb, type OrtModule } from '../web/ort.js';

const PACKAGE: string = 'onnxruntime-web';

/**
 * ONNX Runtime as browsers have it, on WebAssembly with one thread; undefined where the package is not installed.
 *
 * @example const session = await (await ortWasm())?.createSession(bytes);
 */
export async function ortWasm(): Promise<Runtime | undefined> {
  const ort = await import(PACKAGE).then(
    (found) => found as OrtModule,
    () => undefined,
  );
  return ort === undefined ? undefined : ortWeb(ort);
}
