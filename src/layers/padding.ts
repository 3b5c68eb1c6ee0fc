import type { Sides } from './config-reader.js';
import { defineLayer, pictureOf, type LayerDraft } from './define.js';
import { padPicture } from './spatial.js';

interface SidesConfig {
  readonly sides: Sides;
}

/** Keras `ZeroPadding2D`. */
export const ZeroPadding2D = defineLayer<SidesConfig>({
  className: 'ZeroPadding2D',
  read: (reader) => {
    reader.must('data_format', 'channels_last', null);
    return { sides: reader.sides('padding') };
  },
  write: ({ sides }) => ({ padding: sides, data_format: 'channels_last' }),
  outputShape: ({ sides: [rows, columns] }, inputs, where) => {
    const [height, width, channels] = pictureOf(where, inputs);
    return [height + rows[0] + rows[1], width + columns[0] + columns[1], channels];
  },
  call: ({ sides }, { o, x }) => padPicture(o, x, sides),
});

/** Zeros around pictures. @example zeroPadding2d([[0, 1], [0, 1]]) */
export function zeroPadding2d(sides: Sides): LayerDraft {
  return ZeroPadding2D.draft({ sides });
}

/** Keras `Cropping2D`. */
export const Cropping2D = defineLayer<SidesConfig>({
  className: 'Cropping2D',
  read: (reader) => {
    reader.must('data_format', 'channels_last', null);
    return { sides: reader.sides('cropping') };
  },
  write: ({ sides }) => ({ cropping: sides, data_format: 'channels_last' }),
  outputShape: ({ sides: [rows, columns] }, inputs, where) => {
    const [height, width, channels] = pictureOf(where, inputs);
    return [height - rows[0] - rows[1], width - columns[0] - columns[1], channels];
  },
  call: ({ sides: [rows, columns] }, { o, x }) => {
    const [, , height = 1, width = 1] = x.shape;
    return o.slice(x, [rows[0], columns[0]], [height - rows[1], width - columns[1]], [2, 3]);
  },
});

/** Cuts pixels off pictures. */
export function cropping2d(sides: Sides): LayerDraft {
  return Cropping2D.draft({ sides });
}
