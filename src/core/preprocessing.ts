/**
 * How a picture becomes a model's input. The record belongs to the weights: it is saved inside every
 * artefact and applied wherever an image meets a model, so that nobody has to remember a range.
 *
 * Order of application: decode (EXIF orientation honoured) → grey or RGB → resize to `sourceSize`
 * (antialiased bicubic) → resize to `inputSize` by `interpolation` → copy grey to `channels` →
 * `(pixel · scale − mean) / std` per channel, with `pixel` in 0..255.
 */
export interface Preprocessing {
  readonly version: 1;
  /** [height, width] in pixels that images are brought to first: the detail the weights were trained on. */
  readonly sourceSize: readonly [number, number];
  /** [height, width] in pixels of the model's input. */
  readonly inputSize: readonly [number, number];
  /** Channels of the model's input. */
  readonly channels: 1 | 3;
  /** `grey`: luma copied to every channel; `rgb`: colour kept. */
  readonly colour: 'grey' | 'rgb';
  readonly interpolation: 'bicubic' | 'bilinear' | 'nearest';
  /** Widen the filter when shrinking (Keras's and TensorFlow's `antialias=True`). */
  readonly antialias: boolean;
  /** Multiplies pixels in 0..255, usually 1/255. */
  readonly scale: number;
  /** One entry per channel, in units of scaled pixels. */
  readonly mean: readonly number[];
  /** One entry per channel, in units of scaled pixels, positive. */
  readonly std: readonly number[];
  /** Margin around a detected face box, as a fraction of its longer side. */
  readonly cropMargin: number;
}

/** Shape [C, h, w] of the pictures that a record is about, at their source size: what a classifier's graph takes. */
export function pictureShapeOf({
  colour,
  sourceSize: [height, width],
}: Pick<Preprocessing, 'colour' | 'sourceSize'>): readonly [channels: 1 | 3, height: number, width: number] {
  return [colour === 'grey' ? 1 : 3, height, width];
}
