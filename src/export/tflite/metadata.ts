import type { Preprocessing } from '../../core/preprocessing.js';
import { encodeFlat, int8, reals, table, tables, text, uint8, type FlatTable } from './flat.js';

/**
 * Field numbers of TensorFlow Lite's model metadata, version 1.1.0
 * (tensorflow/tflite-support, metadata_schema.fbs), as far as Mien writes them.
 */
const MODEL = { name: 0, description: 1, subgraphs: 3, minParserVersion: 7 } as const;
const SUBGRAPH = { inputs: 2, outputs: 3 } as const;
const TENSOR = { name: 0, description: 1, content: 3, processUnits: 4, stats: 5, files: 6 } as const;
const CONTENT = { type: 0, properties: 1 } as const;
const IMAGE = { colorSpace: 0 } as const;
const UNIT = { type: 0, options: 1 } as const;
const NORMALIZATION = { mean: 0, std: 1 } as const;
const STATS = { max: 0, min: 1 } as const;
const FILE = { name: 0, description: 1, type: 2 } as const;
/** Values of unions and enumerations. */
const FEATURE_PROPERTIES = 1;
const IMAGE_PROPERTIES = 2;
const NORMALIZATION_OPTIONS = 1;
const COLOR_SPACES = { rgb: 1, grey: 2 } as const;
const AXIS_LABELS = 2;
/** The oldest version of the schema that knows all fields used. */
const PARSER_VERSION = '1.0.0';

/** Name of the buffer that holds the metadata, and the metadata's own file identifier. */
export const METADATA_NAME = 'TFLITE_METADATA';
const IDENTIFIER = 'M001';

/** Name of the label file behind the model. */
export const LABEL_FILE = 'labels.txt';

/** What {@link encodeMetadata} describes. */
export interface MetadataParts {
  readonly name: string;
  readonly input: { readonly name: string; readonly raw: boolean };
  readonly output: { readonly name: string; readonly probabilities: boolean };
  readonly preprocessing: Preprocessing | undefined;
  readonly labels: readonly string[] | undefined;
}

/**
 * TensorFlow Lite's model metadata for an image classifier: how pixels 0..255 become the input, and which file names
 * the classes. MediaPipe and the TensorFlow Lite Task Library read it.
 */
export function encodeMetadata(parts: MetadataParts): Uint8Array {
  const root: FlatTable = {
    [MODEL.name]: text(parts.name),
    [MODEL.description]: text('Image classifier exported by Mien'),
    [MODEL.subgraphs]: tables([
      { [SUBGRAPH.inputs]: tables([inputOf(parts)]), [SUBGRAPH.outputs]: tables([outputOf(parts)]) },
    ]),
    [MODEL.minParserVersion]: text(PARSER_VERSION),
  };
  return encodeFlat(root, IDENTIFIER);
}

function inputOf({ input, preprocessing }: MetadataParts): FlatTable {
  const { mean, std } = normalizationOf(input.raw, preprocessing);
  const bound = (pixel: number) => reals(mean.map((value, i) => (pixel - value) / (std[i] ?? 1)));
  const colours = preprocessing?.channels === 1 ? COLOR_SPACES.grey : COLOR_SPACES.rgb;
  return {
    [TENSOR.name]: text(input.name),
    [TENSOR.description]: text(input.raw ? 'Picture, pixels 0..255' : 'Picture, normalized'),
    [TENSOR.content]: table({
      [CONTENT.type]: uint8(IMAGE_PROPERTIES),
      [CONTENT.properties]: table({ [IMAGE.colorSpace]: int8(colours) }),
    }),
    [TENSOR.processUnits]: tables([
      {
        [UNIT.type]: uint8(NORMALIZATION_OPTIONS),
        [UNIT.options]: table({ [NORMALIZATION.mean]: reals(mean), [NORMALIZATION.std]: reals(std) }),
      },
    ]),
    [TENSOR.stats]: table({ [STATS.max]: bound(255), [STATS.min]: bound(0) }),
  };
}

/** `(pixel − mean) / std` per channel, in pixels 0..255; raw pictures stay as they are. */
function normalizationOf(
  raw: boolean,
  record: Preprocessing | undefined,
): { mean: readonly number[]; std: readonly number[] } {
  if (raw || record === undefined) return { mean: [0], std: [1] };
  const inPixels = (values: readonly number[]) => values.map((value) => value / record.scale);
  return { mean: inPixels(record.mean), std: inPixels(record.std) };
}

function outputOf({ output, labels }: MetadataParts): FlatTable {
  const file = {
    [FILE.name]: text(LABEL_FILE),
    [FILE.description]: text('Names of the classes, one a line'),
    [FILE.type]: int8(AXIS_LABELS),
  };
  return {
    [TENSOR.name]: text(output.name),
    [TENSOR.description]: text(
      output.probabilities ? 'Probabilities of the classes' : 'Logits of the classes',
    ),
    [TENSOR.content]: table({
      [CONTENT.type]: uint8(FEATURE_PROPERTIES),
      [CONTENT.properties]: table({}),
    }),
    ...(labels === undefined ? {} : { [TENSOR.files]: tables([file]) }),
  };
}
