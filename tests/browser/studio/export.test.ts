import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const studio = withStudio();

it('exports a run, downloads the file and measures it', async () => {
  const page = await studio.open('/studio/export?model=run:tiny');
  await page.getByLabel('keras').check();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByText('Export: done').waitFor();
  const link = page.getByRole('link', { name: 'Download model_float32.onnx' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  // An ONNX file begins with its version of the format.
  expect(readFileSync(await download.path())[0]).toBe(8);
  await page.getByRole('button', { name: 'Measure latency' }).click();
  await page.getByRole('region', { name: 'Latency' }).getByText('model_float32.onnx').first().waitFor();
  await picture(page, 'export');
  await expectAccessible(page);
  await expectNarrow(page);
  expectQuiet(page);
  await page.context().close();
});

it('hands out files of the export only', async () => {
  const answer = await fetch(`${studio.url}/studio/api/export/file?id=1&path=..%2Fargs.yaml`);
  expect(answer.status).toBe(404);
});
