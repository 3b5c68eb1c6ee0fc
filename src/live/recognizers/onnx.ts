import { pictureShapeOf } from '../../core/preprocessing.js';
import { sizeOf } from '../../core/tensor.js';
import type { Picture } from '../../data/images.js';
import { toPlanes } from '../../data/augment.js';
import { createClassifier } from '../../predict/classifier.js';
import type { Runtime } from '../../runtime/session.js';
import type { ReadyModel } from './ready-model.js';
import type { Recognizer } from './recognizer.js';

/** A model in an ONNX runtime, preprocessing inside the graph, one face a run. */
export async function onnxRecognizer(runtime: Runtime, model: ReadyModel): Promise<Recognizer> {
  const { preprocessing, classes } = model;
  const pictureShape = pictureShapeOf(preprocessing);
  const classifier = await createClassifier(runtime, { ...model, batchSize: 1, pictureShape });
  const planes = new Float32Array(sizeOf(pictureShape));
  return {
    name: runtime.name,
    classes,
    preprocessing,
    recognize: (face: Picture) => {
      toPlanes(face.pixels, 0, face, { data: planes, offset: 0 });
      return classifier.probabilities(planes);
    },
    close: () => classifier.close(),
  };
}
