import { createRandom } from '../../core/random.js';
import { saveKeras } from '../../export/keras/archive.js';
import { withHead } from '../../models/head.js';
import { mobileNetV3Small } from '../../models/mobilenet-v3-small.js';
import { initialWeights, type Model } from '../../models/model.js';
import { findRecord, preprocessingOf } from '../../models/weights/records.js';

/** An untrained model for grey pictures of 48×48 pixels, its input 32×32. */
export function smallModel(classes: readonly string[]): Model {
  const record = findRecord('mobileNetV3Small', 'torchvision');
  const backbone = mobileNetV3Small({ inputShape: [32, 32, 3], weights: record });
  const graph = withHead(backbone, { kind: 'light', classes: classes.length });
  const sizes = { inputSize: [32, 32], sourceSize: [48, 48], colour: 'grey' } as const;
  const preprocessing = preprocessingOf(record.input, sizes);
  const weights = initialWeights(graph, createRandom(1));
  // Drawn weights make signals vanish with depth; narrower statistics keep the answers of pictures apart.
  for (const [key, values] of weights) if (key.endsWith('variance')) values.fill(0.08);
  return { graph, weights, preprocessing, classes, origin: {} };
}

/** Writes {@link smallModel}. */
export async function saveSmallModel(path: string, classes: readonly string[]): Promise<string> {
  await saveKeras(path, smallModel(classes));
  return path;
}
