import type { Runtime } from './session.js';

/**
 * Channels per block of the CPU's blocked kernels, or undefined where the engine has none.
 *
 * @param model an ONNX model that reorders `x` = 0…127, shape [1, 64, 2, 1], into the engine's blocked layout `y` [128]:
 *   the position of 1 (the second pixel of the first channel) is the block size
 */
export async function probeBlock(runtime: Runtime, model: Uint8Array): Promise<number | undefined> {
  try {
    const session = await runtime.createSession(model, { threads: 1 });
    const x = {
      dtype: 'float32',
      shape: [1, 64, 2, 1],
      data: Float32Array.from({ length: 128 }, (_, i) => i),
    } as const;
    const { y } = await session.run({ x });
    await session.close();
    const block = y === undefined ? -1 : Array.from(y.data as Float32Array).indexOf(1);
    return block > 1 ? block : undefined;
  } catch {
    // Engines without the internal domain refuse the model: the portable kernels serve there.
    return undefined;
  }
}
