import { join } from 'node:path';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const studio = withStudio();

it('explains a picture of the data and a dropped one, in both ways', async () => {
  const page = await studio.open('/studio/explain?model=run:tiny');
  await page.getByText('Choose from the data').click();
  const offered = page.getByRole('button', { name: /^Explain test\// });
  await offered.first().click();
  await page.getByRole('img', { name: /^Grad-CAM for / }).waitFor();
  await page.getByLabel('Class').first().selectOption('happy');
  await page.getByText(/^Grad-CAM for happy: strongest at /).waitFor();
  await page.getByLabel('Method').selectOption('occlusion');
  await page.getByText(/^Occlusion for happy: strongest at /).waitFor();
  const alt = (await offered.first().getByRole('img').getAttribute('alt')) ?? '';
  const name = alt.replace('Explain ', '');
  await page.locator('input[type=file]').setInputFiles(join(studio.folder, 'data', name));
  await page.getByRole('heading', { name: name.split('/').at(-1) ?? '' }).waitFor();
  await page.getByText(/^Occlusion for happy: strongest at /).waitFor();
  await picture(page, 'explain');
  await expectAccessible(page);
  await expectNarrow(page);
  expectQuiet(page);
  await page.context().close();
});

it('says what is wrong with a file that is no picture', async () => {
  const url = `${studio.url}/studio/api/explain?model=run:tiny`;
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await fetch(url, { method: 'POST', headers, body: 'no picture' });
  expect(answer.status).toBe(415);
  expect(
    (await fetch(`${studio.url}/studio/api/explain?model=../x`, { method: 'POST', headers, body: 'x' }))
      .status,
  ).toBe(404);
});
