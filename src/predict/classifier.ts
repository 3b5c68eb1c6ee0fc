import type { Tensor } from '../core/tensor.js';
import { GraphError } from '../core/errors.js';
import { encodeModel } from '../onnx/encode.js';
import type { Runtime, Session } from '../runtime/session.js';
import type { Classifier } from './classifier-interface.js';
import { createFileClassifier, type FileInferenceOptions } from './file-classifier.js';
import { buildInference, type InferenceOptions } from './inference.js';

export type { Classifier } from './classifier-interface.js';

/**
 * Compiles a model for a fixed batch size: layers with weights, or a network from a file.
 *
 * @example
 * const classifier = await createClassifier(ortNode(), { ...model, batchSize: 32, pictureShape: [1, 48, 48] });
 */
export async function createClassifier(
  runtime: Runtime,
  options: InferenceOptions | FileInferenceOptions,
): Promise<Classifier> {
  if ('net' in options) return createFileClassifier(runtime, options);
  const session = await runtime.createSession(encodeModel(buildInference(options)));
  const shape = [options.batchSize, ...options.pictureShape];
  const run = async (pictures: Float32Array, output: string): Promise<Float32Array> =>
    outputOf(await session.run({ x: { dtype: 'float32', shape, data: pictures } }), output);
  return {
    batchSize: options.batchSize,
    probabilities: (pictures) => run(pictures, 'probabilities'),
    logits: (pictures) => run(pictures, 'logits'),
    close: () => closed(session),
  };
}

async function closed(session: Session): Promise<void> {
  await session.close();
}

function outputOf(results: Record<string, Tensor>, name: string): Float32Array {
  const data = results[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new GraphError({ where: 'classifier', received: `no float output "${name}"`, expected: 'one' });
}
