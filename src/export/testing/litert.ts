import type { Shape, Tensor } from '../../core/tensor.js';
import { litertNode } from '../../runtime/node/litert.js';

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
  const session = await litertNode().createSession(bytes);
  const results: LiteRtResult[] = [];
  try {
    for (const inputs of runs) {
      const found = Object.entries(await session.run(inputs)).map(
        ([name, { shape, data }]) =>
          [name, { shape, data: Float32Array.from(data as Float32Array) }] as const,
      );
      results.push({ outputs: Object.fromEntries(found), accelerated: session.accelerated });
    }
  } finally {
    await session.close();
  }
  return results;
}
