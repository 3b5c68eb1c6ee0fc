import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const studio = withStudio();

/** The data that the run remembers: where it was trained. */
function runsData(): string {
  const args = readFileSync(join(studio.folder, 'runs', 'tiny', 'args.yaml'), 'utf8');
  return /^data: (.*)$/m.exec(args)?.[1] ?? '';
}

it('shows the pictures of a cell, worst errors, bars, calibration and threshold', async () => {
  const page = await studio.open('/studio/evaluation?run=tiny');
  const table = readFileSync(join(studio.folder, 'runs', 'tiny', 'evaluation', 'predictions.csv'), 'utf8');
  const [, label = '', predicted = ''] = (table.split('\n')[1] ?? '').split(',');
  const count = table.split('\n').filter((row) => row.includes(`,${label},${predicted},`)).length;
  await page.getByRole('button', { name: `${count} pictures of ${label}, answered ${predicted}` }).click();
  const pictures = page.getByRole('region', { name: 'Pictures of the cell' }).getByRole('img');
  expect(await pictures.count()).toBe(count);
  const drawn = () => pictures.first().evaluate((node) => (node as HTMLImageElement).naturalWidth > 0);
  await expect.poll(drawn).toBe(true);
  await page.getByRole('img', { name: /^Accuracy by confidence/ }).waitFor();
  await page.getByLabel('Lowest confidence').fill('0.9');
  await page.getByText(/^From 0.90 on: /).waitFor();
  await picture(page, 'evaluation');
  await expectAccessible(page);
  await expectNarrow(page);
  expectQuiet(page);
  await page.context().close();
});

it('evaluates anew, and marks copies of training pictures', async () => {
  const page = await studio.open('/studio/evaluation?run=tiny');
  // A training picture in the test part, written into a copy of the data that this run is told of.
  const args = join(studio.folder, 'runs', 'tiny', 'args.yaml');
  const data = join(studio.folder, 'data');
  writeFileSync(args, readFileSync(args, 'utf8').replace(runsData(), data));
  const train: unknown = await (
    await fetch(`${studio.url}/studio/api/data/pictures?split=train&class=happy`)
  ).json();
  const [name = ''] = (train as { names: string[] }).names;
  copyFileSync(join(data, name), join(data, 'test', 'angry', 'copied.png'));
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  await page.getByText('Evaluation: done').waitFor({ timeout: 90_000 });
  await page.getByText(/16 pictures: accuracy/).waitFor();
  await page.getByText('1 are exact copies of training pictures').waitFor();
  const marked: unknown = await (await fetch(`${studio.url}/studio/api/evaluation?run=tiny`)).json();
  const leaked = (marked as { samples: { file: string; leaked: boolean }[] }).samples.filter(
    (row) => row.leaked,
  );
  expect(leaked.map(({ file }) => file)).toEqual(['test/angry/copied.png']);
  await page.context().close();
});

it('hands out pictures of the data only', async () => {
  appendFileSync(join(studio.folder, 'data', 'secret.png'), 'secret');
  for (const name of [
    '../args.yaml',
    'test/../secret.png',
    'test/happy/../../secret.png',
    '/etc/passwd',
    'secret.png',
  ]) {
    const answer = await fetch(
      `${studio.url}/studio/api/run/picture?run=tiny&name=${encodeURIComponent(name)}`,
    );
    expect(answer.status, name).toBe(404);
  }
});
