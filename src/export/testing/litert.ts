import type { Shape, Tensor } from '../../core/tensor.js';
import { loadLiteRt, type LiteRt, type LiteRtModel } from '../../runtime/litert/load.js';

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
  const litert = await loadLiteRt();
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
