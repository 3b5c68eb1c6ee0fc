import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const studio = withStudio({ flags: camera });

it('answers a picture and the camera in the page', async () => {
  const page = await studio.open('/studio/try?model=run:tiny', { permissions: ['camera'] });
  await page.getByText(/^Ready \(onnxruntime-web/).waitFor();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
  const folder = join(studio.folder, 'data', 'test', 'happy');
  const [file = ''] = readdirSync(folder);
  await page.locator('input[type=file]').setInputFiles(join(folder, file));
  const shown = page.getByRole('region', { name: 'Your picture' });
  await shown.getByText(/^(angry|happy|surprise), \d+ ms$/).waitFor();
  await page.getByRole('button', { name: 'Start camera' }).click();
  await page
    .getByRole('region', { name: 'Camera' })
    .getByText(/^(angry|happy|surprise), \d+ ms$/)
    .waitFor();
  // Nothing left the page: neither pictures nor anything else was asked for.
  expect(asked.filter((request) => !/ blob:/.test(request))).toEqual([]);
  await picture(page, 'try');
  await page.getByRole('button', { name: 'Stop camera' }).click();
  await expectAccessible(page);
  await expectNarrow(page);
  expectQuiet(page);
  await page.context().close();
});
