// Expression models of other JavaScript packages, run by TensorFlow.js (WebAssembly) in a folder in which they are
// installed. Questions and answers are JSON lines: first the pictures, then "answers" or times of a model.
import { Buffer } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

const folder = process.argv[2] ?? process.cwd();
const require = createRequire(join(folder, 'peers.cjs'));
// Progress that a library prints must not come between the answers.
console.log = console.info = console.warn = console.error;
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

/** A graph model from its files, which TensorFlow.js cannot read by itself outside a browser. */
function fromFiles(path) {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  const [manifest] = json.weightsManifest;
  const shards = manifest.paths.map((name) => readFileSync(join(path, '..', name)));
  const data = Buffer.concat(shards);
  return {
    load: () =>
      Promise.resolve({
        modelTopology: json.modelTopology,
        signature: json.userDefinedMetadata?.signature,
        format: json.format,
        weightSpecs: manifest.weights,
        weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
      }),
  };
}

const FACTORS = [0.2989, 0.587, 0.114];

/** human: 64×64 grey in [-1, 1]. */
async function human() {
  const root = join(folder, 'node_modules/@vladmandic/human');
  const path = join(root, 'models/emotion.json');
  const model = await tf.loadGraphModel(fromFiles(path));
  const classes = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
  const answer = (picture) =>
    tf.tidy(() => {
      const resized = tf.image.resizeBilinear(picture.div(255), [64, 64], false);
      const grey = tf.sum(resized.mul(FACTORS), 3, true);
      return model.predict(grey.sub(0.5).mul(2));
    });
  return { classes, answer, bytes: statSync(path.replace('.json', '.bin')).size, version: versionOf(root) };
}

/** face-api: its own reading of pictures. */
async function faceApi() {
  const root = join(folder, 'node_modules/@vladmandic/face-api');
  const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const net = faceapi.nets.faceExpressionNet;
  await net.loadFromDisk(join(root, 'model'));
  const classes = ['neutral', 'happy', 'sad', 'angry', 'fearful', 'disgusted', 'surprised'];
  const names = { fearful: 'fear', disgusted: 'disgust', surprised: 'surprise' };
  const answer = async (picture) => tf.softmax(await net.forward(await faceapi.toNetInput(picture)));
  const bytes = statSync(join(root, 'model/face_expression_model.bin')).size;
  return { classes: classes.map((name) => names[name] ?? name), answer, bytes, version: versionOf(root) };
}

function versionOf(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

function pictureAt({ pixels, side }, index) {
  const grey = Float32Array.from(pixels.subarray(index * side * side, (index + 1) * side * side));
  return tf.tidy(() => tf.tile(tf.tensor4d(grey, [1, side, side, 1]), [1, 1, 1, 3]));
}

/** Probabilities of one picture, all intermediate memory freed. */
async function ask(model, pictures, index) {
  const picture = pictureAt(pictures, index);
  const answer = await model.answer(picture);
  const values = await answer.data();
  tf.dispose([picture, answer]);
  return Array.from(values);
}

async function start({ threads, path, side }) {
  const dist = join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/');
  wasm.setWasmPaths(dist);
  wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
  await tf.ready();
  const models = { human: await human(), 'face-api': await faceApi() };
  const about = Object.fromEntries(
    Object.entries(models).map(([name, { classes, bytes, version }]) => [name, { classes, bytes, version }]),
  );
  const pictures = { pixels: readFileSync(path), side };
  return { models, pictures, answer: { tfjs: tf.version.tfjs, backend: tf.getBackend(), models: about } };
}

async function answersOf({ models, pictures }, { model, from, count, times }) {
  const rows = [];
  const ms = [];
  for (let index = from; index < from + count; index++) {
    const begin = performance.now();
    rows.push(await ask(models[model], pictures, index));
    ms.push(performance.now() - begin);
  }
  return times ? { ms } : { rows };
}

let state;
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (state === undefined) state = await start(question);
  const answer = question.model === undefined ? state.answer : await answersOf(state, question);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
