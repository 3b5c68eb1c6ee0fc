import type { Random } from '../../core/random.js';
import type { Picture } from '../images.js';
import { brightened, blurred, occluded, reencoded, turned } from './apply.js';

/** How far pictures are changed. */
export interface Severity {
  /** In the unit of its perturbation; null: pictures as they are. */
  readonly value: number | null;
  /** As people read it, e.g. `×0.5` or `none`. */
  readonly label: string;
}

/** A way to change pictures in steps. */
export interface Perturbation {
  readonly name: PerturbationName;
  /** Name and unit for axes. */
  readonly title: string;
  /** From one end to the other, with pictures as they are among them. */
  readonly severities: readonly Severity[];
  /** A changed copy; the same draws for the same stream, whatever the severity. */
  readonly apply: (picture: Picture, value: number, random: Random) => Picture | Promise<Picture>;
}

/** Names of {@link perturbations}. */
export type PerturbationName = 'brightness' | 'blur' | 'jpeg' | 'rotation' | 'scale' | 'occlusion';

/**
 * What a robustness report changes about pictures, at the size at which the data is read (FER2013: 48×48).
 *
 * - `brightness`: every value times a factor, cut at 255.
 * - `blur`: Gaussian blur, standard deviation in pixels, the outermost pixels repeated beyond the border.
 * - `jpeg`: encoded as JPEG of a quality of 1 to 100 without chroma subsampling, and decoded.
 * - `rotation`: turned about the centre in degrees, counterclockwise; bilinear, the outermost pixels repeated.
 * - `scale`: enlarged about the centre by a factor; bilinear, the outermost pixels repeated.
 * - `occlusion`: a square of the picture's mean grey over a share of its area. Its place is drawn once for each
 *   picture, so that larger squares cover what smaller ones do.
 *
 * Kinds of damage as in Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
 * and Perturbations", ICLR 2019, with severities of their own for pictures this small.
 */
export const perturbations: readonly Perturbation[] = [
  {
    name: 'brightness',
    title: 'Brightness (factor)',
    severities: steps([0.25, 0.5, 0.75, null, 1.25, 1.5, 2], (value) => `×${value ?? 1}`),
    apply: brightened,
  },
  {
    name: 'blur',
    title: 'Gaussian blur (σ in pixels)',
    severities: steps([null, 0.5, 1, 1.5, 2, 3], (value) => String(value ?? 0)),
    apply: blurred,
  },
  {
    name: 'jpeg',
    title: 'JPEG quality',
    severities: steps([5, 15, 30, 50, 70, 90, null], (value) => (value === null ? 'as is' : String(value))),
    apply: reencoded,
  },
  {
    name: 'rotation',
    title: 'Rotation (degrees)',
    severities: steps([-45, -30, -15, null, 15, 30, 45], (value) => `${value ?? 0}°`.replace('-', '−')),
    apply: (picture, rotation) => turned(picture, { rotation }),
  },
  {
    name: 'scale',
    title: 'Scale (factor)',
    severities: steps([0.5, 0.67, 0.8, null, 1.25, 1.5, 2], (value) => `×${value ?? 1}`),
    apply: (picture, scale) => turned(picture, { scale }),
  },
  {
    name: 'occlusion',
    title: 'Occlusion (share of the area)',
    severities: steps([null, 0.05, 0.1, 0.2, 0.3, 0.4], (value) => `${Math.round((value ?? 0) * 100)} %`),
    apply: occluded,
  },
];

function steps(values: readonly (number | null)[], label: (value: number | null) => string): Severity[] {
  return values.map((value) => ({ value, label: label(value) }));
}
