import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const studio = withStudio();

/** A list of the studio, without its comments. */
function list(name: 'exclude' | 'relabel'): string[] {
  const folder = join(studio.folder, 'runs', 'studio');
  const [data = ''] = readdirSync(folder);
  const lines = readFileSync(join(folder, data, `${name}.txt`), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

it('excludes and relabels with undo, into list files', async () => {
  const page = await studio.open('/studio/data');
  const card = page.locator('li[data-name]').first();
  const name = (await card.getAttribute('data-name')) ?? '';
  await page.getByRole('button', { name: `Exclude ${name}` }).click();
  await page.getByText('1 excluded, 0 relabelled').waitFor();
  expect(list('exclude')).toEqual([`${name}\tby hand`]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('0 excluded, 0 relabelled').waitFor();
  expect(list('exclude')).toEqual([]);
  await page.getByLabel(`Label of ${name}`).selectOption('surprise');
  await page.getByText('0 excluded, 1 relabelled').waitFor();
  expect(list('relabel')).toEqual([`${name}\tsurprise`]);
  await page.getByRole('button', { name: 'Next' }).focus();
  await expectAccessible(page);
  await expectNarrow(page);
  await picture(page, 'data');
  expectQuiet(page);
  await page.context().close();
});

it('audits the data and shows what was found', async () => {
  const page = await studio.open('/studio/data');
  await page.getByRole('button', { name: 'Audit the data' }).click();
  await page.getByText('Audit: done').waitFor();
  await page
    .getByText(/Nothing was found|Near copies/)
    .first()
    .waitFor();
  await page.context().close();
});
