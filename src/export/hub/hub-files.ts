import { InputError } from '../../core/errors.js';
import type { Preprocessing } from '../../core/preprocessing.js';
import type { JsonObject } from '../../layers/json.js';
import type { Model } from '../../models/model.js';
import { modelCard } from './model-card.js';

/** Names that transformers.js gives to a classifier's input and output. */
export const HUB_INPUT = 'pixel_values';
export const HUB_OUTPUT = 'logits';

/** Pillow's numbers of filters. */
const RESAMPLE = { nearest: 0, bilinear: 2, bicubic: 3 } as const;

/** Architectures of the `transformers` library by words in a net's name. */
const ARCHITECTURES: readonly (readonly [RegExp, string, string])[] = [
  [/mobilenet_?v3/i, 'mobilenet_v3', 'MobileNetV3ForImageClassification'],
  [/mobilenet_?v2/i, 'mobilenet_v2', 'MobileNetV2ForImageClassification'],
];
/** For nets that the library does not know: all its convolutional classifiers are run in the same way. */
const OTHER = ['resnet', 'ResNetForImageClassification'] as const;

/**
 * The text files of a model in the layout of the Hugging Face hub, beside its `onnx/` folder: `config.json`,
 * `preprocessor_config.json` and a model card. The networks in `onnx/` take `pixel_values` [N, 3, h, w], pixels 0..255
 * at the record's source size, and do the rest of the preprocessing themselves.
 *
 * @throws InputError on a model without a preprocessing record or class names
 */
export function hubFiles(model: Model): ReadonlyMap<string, string> {
  const { preprocessing, classes, graph } = model;
  if (preprocessing === undefined || classes === undefined)
    throw new InputError({
      where: `export of "${graph.name}" for the hub`,
      received: `a model without ${preprocessing === undefined ? 'a preprocessing record' : 'class names'}`,
      expected: 'a preprocessing record and class names',
      remedy: 'give them with --preprocessing and --classes',
    });
  return new Map([
    ['config.json', text(configOf(model, classes))],
    ['preprocessor_config.json', text(processorOf(preprocessing))],
    ['README.md', modelCard(model, { preprocessing, classes })],
  ]);
}

function configOf({ graph }: Model, classes: readonly string[]): JsonObject {
  const found = ARCHITECTURES.find(([pattern]) => pattern.test(graph.name));
  const [modelType, architecture] = found === undefined ? OTHER : [found[1], found[2]];
  return {
    architectures: [architecture],
    model_type: modelType,
    id2label: Object.fromEntries(classes.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(classes.map((name, i) => [name, i])),
    num_labels: classes.length,
    problem_type: 'single_label_classification',
  };
}

/** Everything but decoding and the first resize happens inside the network. */
function processorOf(record: Preprocessing): JsonObject {
  const [height, width] = record.sourceSize;
  return {
    image_processor_type: 'ViTImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    size: { height, width },
    resample: RESAMPLE.bicubic,
    do_rescale: false,
    do_normalize: false,
    mien: { ...record },
  };
}

function text(json: JsonObject): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}
