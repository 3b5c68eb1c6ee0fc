import sharp from 'sharp';

import { InputError } from '../src/core/errors.js';
import { createRandom } from '../src/core/random.js';
import { decodeImage } from '../src/data/decode.js';
import { toPlanes } from '../src/data/augment.js';
import type { Picture } from '../src/data/images.js';
import { FULL_RANGE, SHORT_RANGE } from '../src/faces/blazeface.js';
import { cutFace } from '../src/faces/crop-face.js';
import type { DetectedFace, FaceNet } from '../src/faces/face.js';
import { FaceSearch } from '../src/faces/search.js';
import type { Composite } from '../src/faces/testing/composite.js';
import { matchedFaces } from '../src/faces/testing/matching.js';
import { drawScene, realFaces } from '../src/faces/testing/scenes.js';
import { openBlazeFace } from '../src/jobs/face-detector.js';
import { modelPreprocessing, openModel } from '../src/jobs/model-source.js';
import { createClassifier, type Classifier } from '../src/predict/classifier.js';
import { ortNode } from '../src/runtime/node/ort.js';
import { cpuName } from './machine.js';
import { progress, runBench } from './options.js';
import { median } from './statistics.js';

const DESCRIPTION = `Faces found, boxes where no face is, and milliseconds per photograph by stage, on composites: real faces of FER2013's
training part on drawn backgrounds, as JPEG files. Needs --data.`;

const OPTIONS = {
  data: { help: 'FER2013 as a folder with train/' },
  pictures: { help: 'pictures of each kind', default: '25' },
  seed: { help: 'of the pictures', default: '1' },
  threads: { help: 'threads of the engine', default: '2' },
  turns: {
    help: 'turns of each picture, of which the quickest counts: other programs only add',
    default: '5',
  },
};

/** Kinds of pictures by their numbers of faces, in turn. */
const KINDS = [
  { name: '1 face', counts: [1] },
  { name: '2 to 5 faces', counts: [2, 3, 4, 5] },
  { name: '6 to 20 faces', counts: [6, 10, 15, 20] },
  { name: 'none', counts: [0] },
] as const;

const STAGES = [
  'decode',
  'whole, short',
  'whole, full',
  'parts and close',
  'search itself',
  'cut',
  'expression',
];

type Times = Record<string, number>;

/** What a kind of pictures came to. */
interface KindRow {
  readonly kind: string;
  readonly pictures: number;
  readonly faces: number;
  readonly found: number;
  readonly falseBoxes: number;
  /** Medians of milliseconds per picture. */
  readonly stages: Times;
  /** Median of all but decoding. */
  readonly beyondDecoding: number;
  readonly looks: number;
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const data = settings.text('data');
  if (data === undefined)
    throw new InputError({ where: '--data', received: 'nothing', expected: 'a folder' });
  const seed = settings.count('seed');
  const tools = await openTools(settings.count('threads'));
  const faces = await realFaces(data, 2000, seed);
  const rows: KindRow[] = [];
  for (const { name, counts } of KINDS) {
    progress(name);
    const results: Result[] = [];
    for (let i = 0; i < settings.count('pictures'); i++) {
      const random = createRandom(seed).fork('scene', name, i);
      const scene = drawScene(faces, counts[i % counts.length] ?? 1, random);
      const turns: Result[] = [];
      for (let turn = 0; turn < settings.count('turns'); turn++) turns.push(await look(tools, scene));
      results.push(turns.reduce((quickest, next) => (beyond(next) < beyond(quickest) ? next : quickest)));
    }
    rows.push(rowOf(name, results));
  }
  await tools.close();
  return { json: { cpu: cpuName(), threads: settings.count('threads'), rows }, text: textOf(rows) };
});

interface Tools {
  readonly search: FaceSearch;
  readonly recognize: (face: Picture) => Promise<unknown>;
  readonly cut: (picture: Picture, face: DetectedFace) => Picture;
  /** Milliseconds of the networks since the last call, and how often they looked. */
  readonly taken: () => { times: Times; looks: number };
  readonly close: () => Promise<void>;
}

async function openTools(threads: number): Promise<Tools> {
  const runtime = ortNode();
  let times: Times = {};
  let looks = 0;
  const timed = (net: FaceNet, whole: string): FaceNet => {
    const measure = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
      const started = performance.now();
      const result = await work();
      times[stage] = (times[stage] ?? 0) + performance.now() - started;
      looks++;
      return result;
    };
    return {
      lookAtWhole: (...args) => measure(whole, () => net.lookAtWhole(...args)),
      look: (...args) => measure('parts and close', () => net.look(...args)),
      close: () => net.close(),
    };
  };
  const short = timed(await openBlazeFace(runtime, SHORT_RANGE, { threads }), 'whole, short');
  const full = timed(await openBlazeFace(runtime, FULL_RANGE, { threads }), 'whole, full');
  const search = new FaceSearch({ short, full });
  const model = await openModel('mien');
  const preprocessing = modelPreprocessing(model);
  const [height, width] = preprocessing.sourceSize;
  const classifier = await createClassifier(runtime, {
    ...model,
    preprocessing,
    batchSize: 1,
    pictureShape: [1, height, width],
  });
  return {
    search,
    recognize: (face) => classifier.probabilities(planesOf(face)),
    cut: (picture, face) => cutFace(picture, face, preprocessing),
    taken: () => {
      const result = { times, looks };
      [times, looks] = [{}, 0];
      return result;
    },
    close: () => closeAll(search, classifier),
  };
}

async function closeAll(search: FaceSearch, classifier: Classifier): Promise<void> {
  await search.close();
  await classifier.close();
}

function planesOf(face: Picture): Float32Array {
  const data = new Float32Array(face.pixels.length);
  toPlanes(face.pixels, 0, face, { data, offset: 0 });
  return data;
}

interface Result {
  readonly faces: number;
  readonly found: number;
  readonly falseBoxes: number;
  readonly times: Times;
  readonly looks: number;
}

async function look(tools: Tools, { picture, places }: Composite): Promise<Result> {
  const { width, height, channels } = picture;
  const file = await sharp(picture.pixels, { raw: { width, height, channels } })
    .jpeg({ quality: 92 })
    .toBuffer();
  tools.taken();
  const clock = createClock();
  const decoded = await decodeImage(file, 'scene.jpg');
  clock.lap('decode');
  const faces = await tools.search.detect(decoded);
  clock.lap('detect');
  const cut = faces.map((face) => tools.cut(decoded, face));
  clock.lap('cut');
  for (const face of cut) await tools.recognize(face);
  clock.lap('expression');
  const { detect = 0, ...rest } = clock.times;
  const { times, looks } = tools.taken();
  const networks = Object.values(times).reduce((sum, time) => sum + time, 0);
  const found = matchedFaces(faces, places);
  return {
    faces: places.length,
    found,
    falseBoxes: faces.length - found,
    times: { ...rest, ...times, 'search itself': detect - networks },
    looks,
  };
}

function createClock() {
  const times: Times = {};
  let last = performance.now();
  return {
    times,
    lap(stage: string): void {
      const now = performance.now();
      times[stage] = now - last;
      last = now;
    },
  };
}

/** All but decoding, milliseconds. */
function beyond({ times }: Result): number {
  return Object.entries(times).reduce((total, [stage, time]) => total + (stage === 'decode' ? 0 : time), 0);
}

function rowOf(kind: string, results: readonly Result[]): KindRow {
  const sum = (read: (result: Result) => number) =>
    results.reduce((total, result) => total + read(result), 0);
  const middle = (stage: string) => median(results.map(({ times }) => times[stage] ?? 0));
  return {
    kind,
    pictures: results.length,
    faces: sum(({ faces }) => faces),
    found: sum(({ found }) => found),
    falseBoxes: sum(({ falseBoxes }) => falseBoxes),
    stages: Object.fromEntries(STAGES.map((stage) => [stage, middle(stage)])),
    beyondDecoding: median(results.map(beyond)),
    looks: median(results.map(({ looks }) => looks)),
  };
}

function textOf(rows: readonly KindRow[]): string {
  const head = ['kind', 'pictures', 'recall', 'false boxes', ...STAGES, 'all but decode', 'looks'];
  const body = rows.map((row) => [
    row.kind,
    row.pictures,
    row.faces === 0 ? '–' : (row.found / row.faces).toFixed(3),
    row.falseBoxes,
    ...STAGES.map((stage) => (row.stages[stage] ?? 0).toFixed(1)),
    row.beyondDecoding.toFixed(1),
    row.looks,
  ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
