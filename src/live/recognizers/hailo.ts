import type { DescribedRuntime, Port } from '../../runtime/session.js';
import { describedRecognizer } from './described.js';
import type { ReadyModel } from './ready-model.js';
import type { Recognizer } from './recognizer.js';

/**
 * A HEF on a Hailo device. The file says neither classes nor preprocessing: a sidecar does.
 *
 * An input that stores pixels as they are normalizes on the chip; any other wants normalized numbers, which HailoRT
 * quantizes. Outputs are taken for logits unless the file limits them to 0..1.
 *
 * @throws InputError when the device or the file fails
 */
export async function hailoRecognizer(
  runtime: DescribedRuntime,
  hef: Uint8Array,
  { preprocessing, classes }: Pick<ReadyModel, 'preprocessing' | 'classes'>,
): Promise<Recognizer> {
  const session = await runtime.createSession(hef);
  try {
    return describedRecognizer({
      ...{ name: runtime.name, session, preprocessing, classes },
      takes: session.inputs[0]?.dtype === 'uint8' ? 'pixels' : 'normalized',
      logits: !withinOne(session.outputs[0]),
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

function withinOne(port: Port | undefined): boolean {
  const [low, high] = port?.limits ?? [-1, 1];
  // Quantized ranges end a step beside what was measured.
  return low >= -0.01 && high <= 1.01;
}
