import { createRandom } from '../src/core/random.js';
import { InputError } from '../src/core/errors.js';
import { toPlanes } from '../src/data/augment.js';
import { imageAt, type ImageSet, type Picture } from '../src/data/images.js';
import { loadImages } from '../src/data/load.js';
import { splitTrainValidation } from '../src/data/split.js';
import { cutFrame } from '../src/faces/cut.js';
import { middleOf, type Box, type DetectedFace } from '../src/faces/face.js';
import { FER2013_FRAMING, frameFace, turnOf, type FramingRule } from '../src/faces/framing.js';
import { composeFaces } from '../src/faces/testing/composite.js';
import { drawBackground } from '../src/faces/testing/backgrounds.js';
import { openFaceDetector } from '../src/jobs/face-detector.js';
import { modelClasses, modelPreprocessing, openModel } from '../src/jobs/model-source.js';
import { createClassifier, type Classifier } from '../src/predict/classifier.js';
import { ortNode } from '../src/runtime/node/ort.js';
import { cpuName } from './machine.js';
import { progress, runBench } from './options.js';

const DESCRIPTION = `How FER2013's pictures lie about the boxes that the detector gives: faces of its validation part are pasted onto drawn
backgrounds, found again, and cut by several rules; the model answers for each cut. Needs --data.`;

const OPTIONS = {
  data: { help: 'FER2013 as a folder with train/' },
  model: { help: 'the model that answers', default: 'mien' },
  faces: { help: 'faces', default: '600' },
  seed: { help: 'of the validation part and the pictures', default: '42' },
};

/** Size of the pictures that faces are pasted into, and of the faces, pixels. */
const SCENE = [480, 360] as const;
const SIZES = { least: 96, most: 192 };
const MARGINS = [-0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4];

/** A face that was found again. */
interface Found {
  readonly picture: Picture;
  readonly place: Box;
  readonly face: DetectedFace;
  readonly label: number;
  readonly original: Picture;
}

/** A rule and how often the model is right on its cuts, or on the originals. */
interface AccuracyRow {
  readonly cut: string;
  readonly accuracy: number;
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const data = settings.text('data');
  if (data === undefined)
    throw new InputError({ where: '--data', received: 'nothing', expected: 'a folder' });
  const model = await openModel(settings.text('model') ?? 'mien');
  const preprocessing = modelPreprocessing(model);
  const { images } = await loadImages({
    data,
    split: 'train',
    classes: modelClasses(model),
    sourceSize: [48, 48],
    colour: 'grey',
  });
  const seed = settings.count('seed');
  const { validation } = splitTrainValidation(images, { seed });
  const chosen = createRandom(seed).fork('faces').shuffle(validation).slice(0, settings.count('faces'));
  const found = await findAgain(images, chosen, seed);
  const lie = framingOf(found);
  const classifier = await createClassifier(ortNode(), {
    ...model,
    preprocessing,
    batchSize: 50,
    pictureShape: [1, 48, 48],
  });
  const rows = await accuracies(classifier, found, lie);
  await classifier.close();
  const json = { cpu: cpuName(), faces: chosen.length, found: found.length, framing: lie, rows };
  return { json, text: textOf(json) };
});

async function findAgain(images: ImageSet, chosen: readonly number[], seed: number): Promise<Found[]> {
  const detector = await openFaceDetector(ortNode(), { threads: 1 });
  const found: Found[] = [];
  for (const [i, index] of chosen.entries()) {
    if (i % 50 === 0) progress(`face ${i} of ${chosen.length}`);
    const random = createRandom(seed).fork('scene', index);
    const original = imageAt(images, index);
    const background = drawBackground(...SCENE, random);
    const { picture, places } = composeFaces(background, [original], SIZES, random);
    const [place] = places;
    const [face] = await detector.detect(picture);
    if (place === undefined || face === undefined || !isInside(face, place)) continue;
    found.push({ picture, place, face, label: images.labels[index] ?? 0, original });
  }
  await detector.close?.();
  return found;
}

function isInside({ box }: DetectedFace, place: Box): boolean {
  const [x, y] = middleOf(box);
  return x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height;
}

/** Medians over faces, in units of the box's side unless said otherwise, and half the range of the middle two thirds. */
function framingOf(found: readonly Found[]) {
  const values = (read: (face: Found) => number) => {
    const sorted = found.map(read).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
    return { median: at(0.5), spread: (at(5 / 6) - at(1 / 6)) / 2 };
  };
  const across = ({ face, place }: Found) => (middleOf(place)[0] - middleOf(face.box)[0]) / face.box.width;
  const down = ({ face, place }: Found) => (middleOf(place)[1] - middleOf(face.box)[1]) / face.box.width;
  return {
    margin: values(({ face, place }) => (place.width / face.box.width - 1) / 2),
    right: values(across),
    lower: values(down),
    turnDegrees: values(({ face }) => (turnOf(face) * 180) / Math.PI),
  };
}

async function accuracies(
  classifier: Classifier,
  found: readonly Found[],
  { margin, lower }: ReturnType<typeof framingOf>,
): Promise<AccuracyRow[]> {
  const measured: FramingRule = { margin: margin.median, lower: lower.median };
  const rules: [string, (face: Found) => Picture][] = [
    ['the original picture', ({ original }) => original],
    ['where it was pasted', ({ picture, place }) => cutGrey(picture, placeFrame(place))],
    ['measured framing, eyes level', ({ picture, face }) => cutGrey(picture, frameFace(face, measured))],
    ['measured framing, upright', ({ picture, face }) => cutGrey(picture, upright(face, measured))],
    ["Mien's framing", ({ picture, face }) => cutGrey(picture, frameFace(face, FER2013_FRAMING))],
    ...MARGINS.map((share): [string, (face: Found) => Picture] => [
      `margin ${share}, eyes level`,
      ({ picture, face }) => cutGrey(picture, frameFace(face, { ...measured, margin: share })),
    ]),
  ];
  const rows: AccuracyRow[] = [];
  for (const [cut, make] of rules) rows.push({ cut, accuracy: await accuracyOf(classifier, found, make) });
  return rows;
}

function placeFrame({ x, y, width }: Box) {
  return { x: x + width / 2, y: y + width / 2, side: width, angle: 0 };
}

function upright(face: DetectedFace, rule: FramingRule) {
  return frameFace({ ...face, keyPoints: [] }, rule);
}

function cutGrey(picture: Picture, frame: ReturnType<typeof frameFace>): Picture {
  const { pixels, ...rest } = cutFrame(picture, frame, [48, 48]);
  return { ...rest, channels: 1, pixels: pixels.filter((_, i) => i % 3 === 1) };
}

async function accuracyOf(
  classifier: Classifier,
  found: readonly Found[],
  make: (face: Found) => Picture,
): Promise<number> {
  const { batchSize } = classifier;
  let right = 0;
  for (let start = 0; start < found.length; start += batchSize) {
    const batch = found.slice(start, start + batchSize);
    const x = new Float32Array(batchSize * 48 * 48);
    batch.forEach((face, i) => {
      const picture = make(face);
      toPlanes(picture.pixels, 0, picture, { data: x, offset: i * 48 * 48 });
    });
    const rows = await classifier.probabilities(x);
    const classes = rows.length / batchSize;
    batch.forEach(({ label }, i) => {
      const row = rows.subarray(i * classes, (i + 1) * classes);
      if (row.indexOf(Math.max(...row)) === label) right++;
    });
  }
  return right / found.length;
}

function textOf(result: {
  readonly faces: number;
  readonly found: number;
  readonly framing: ReturnType<typeof framingOf>;
  readonly rows: readonly AccuracyRow[];
}): string {
  const lie = Object.entries(result.framing).map(
    ([name, { median: middle, spread }]) => `${name}: ${middle.toFixed(3)} ± ${spread.toFixed(3)}`,
  );
  const rows = result.rows.map(({ cut, accuracy }) => `${cut}: ${(100 * accuracy).toFixed(1)} %`);
  return [`${result.found} of ${result.faces} faces found again`, ...lie, ...rows].join('\n');
}
