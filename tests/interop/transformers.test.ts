/** The hub layout in transformers.js: its image-classification pipeline on real pictures, against Mien's own answers. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { env, pipeline } from '@huggingface/transformers';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { exportJob } from '../../src/jobs/export-job.js';
import { predictFiles } from '../../src/jobs/predict-job.js';
import { litertNode } from '../../src/runtime/node/litert.js';
import { ortNode } from '../../src/runtime/node/ort.js';

const out = mkdtempSync(join(tmpdir(), 'mien-hub-'));
const faces = join(process.env['MIEN_FER2013'] ?? '', 'test');
const CLASSES = ['angry', 'happy', 'surprise'];
const pictures = CLASSES.flatMap((name) => {
  const files = readdirSync(join(faces, name)).sort();
  return [files[0]!, files[1]!].map((file) => join(faces, name, file));
});

beforeAll(async () => {
  const precisions = ['float32', 'float16'] as const;
  await exportJob(
    { model: 'mien', formats: ['hub'], precisions, out },
    { runtime: ortNode(), litert: litertNode },
  );
  env.allowRemoteModels = false;
  env.localModelPath = out;
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

type Scores = Readonly<Record<string, number>>;

async function ownScores(files: readonly string[]): Promise<Scores[]> {
  const rows: Scores[] = [];
  // Whole pictures, as transformers.js takes them.
  for await (const row of predictFiles({ model: 'mien', paths: files, detect: false, runtime: ortNode() }))
    rows.push('error' in row ? {} : row.probabilities);
  return rows;
}

async function hubScores(files: readonly string[], dtype: 'fp32' | 'fp16'): Promise<Scores[]> {
  const classify = await pipeline('image-classification', 'hub', { dtype });
  const rows: Scores[] = [];
  for (const file of files) {
    const answers = await classify(file, { top_k: null });
    rows.push(Object.fromEntries(answers.map(({ label, score }) => [label, score])));
  }
  await classify.dispose();
  return rows;
}

function worst(found: readonly Scores[], expected: readonly Scores[]): number {
  const names = Object.keys(expected[0]!);
  expect(names).toHaveLength(5);
  return Math.max(
    ...expected.flatMap((row, i) => names.map((name) => Math.abs(row[name]! - (found[i]![name] ?? NaN)))),
  );
}

it.each([
  // Scores are rounded to float32 and summed in another order.
  ['fp32', 1e-5],
  ['fp16', 0.02],
] as const)('answers on photographs as Mien does: %s', async (dtype, limit) => {
  const difference = worst(await hubScores(pictures, dtype), await ownScores(pictures));
  console.log(`transformers.js ${dtype}: probabilities differ by up to ${difference.toExponential(1)}`);
  expect(difference).toBeLessThan(limit);
});

it('answers nearly so where it shrinks pictures by its own filter', async () => {
  const large = await Promise.all(
    pictures.map(async (file, i) => {
      const path = join(out, `large-${i}.png`);
      await sharp(file).resize(200, 200, { kernel: 'cubic' }).toColourspace('srgb').png().toFile(path);
      return path;
    }),
  );
  const difference = worst(await hubScores(large, 'fp32'), await ownScores(large));
  console.log(
    `transformers.js, 200×200 pictures: probabilities differ by up to ${difference.toExponential(1)}`,
  );
  expect(difference).toBeLessThan(0.1);
});
