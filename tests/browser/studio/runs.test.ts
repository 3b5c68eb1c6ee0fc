import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { expectAccessible, expectNarrow, expectQuiet, picture, withStudio } from './studio.js';

const studio = withStudio();

it('shows a finished run with its curves', async () => {
  const page = await studio.open('/studio/runs');
  await page.getByRole('button', { name: 'tiny' }).click();
  await page.getByRole('img', { name: /^Accuracy: / }).waitFor();
  await page.getByText(/finished, epoch 4 of 4/).waitFor();
  await page.getByLabel('Compare tiny').check();
  await page.getByRole('img', { name: /^Validation accuracy: tiny / }).waitFor();
  await expectAccessible(page);
  await expectNarrow(page);
  expectQuiet(page);
  await page.context().close();
});

it('starts a training, shows its epochs while it runs, stops it and goes on', async () => {
  const page = await studio.open('/studio/runs');
  await page.getByText('New training').click();
  await page.getByLabel('Name').fill('mine');
  await page.getByLabel('Recipe').selectOption('drawn');
  await page.getByLabel('Classes, by commas').fill('angry, happy, surprise');
  await page.getByLabel('Epochs of each stage').fill('40, 1');
  await page.getByLabel('Input size in pixels').fill('32');
  await page.getByLabel('Batch size').fill('8');
  await page.getByLabel('Starting weights').fill('none');
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByText(/running, epoch [1-9]\d* of 41/).waitFor();
  await picture(page, 'runs');
  await page.getByRole('button', { name: 'Stop and save' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  expect(existsSync(join(studio.folder, 'runs', 'mine', 'checkpoint', 'state.safetensors'))).toBe(true);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Stop and save' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  expectQuiet(page);
  await page.context().close();
});

it('says in one sentence what is wrong with a name', async () => {
  const page = await studio.open('/studio/runs');
  await page.getByText('New training').click();
  await page.getByLabel('Name').fill('tiny');
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByRole('alert').getByText('the name of a folder that is there').waitFor();
  await page.context().close();
});

it('speaks Korean, is dark when told so, and remembers both', async () => {
  const page = await studio.open('/studio/runs');
  await page.getByLabel('Theme').selectOption('dark');
  await page.getByLabel('Language').selectOption('ko');
  await page.getByRole('heading', { name: '학습', exact: true }).waitFor();
  expect(await page.getAttribute('html', 'lang')).toBe('ko');
  expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
  const ground = await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  expect(ground).toBe('rgb(22, 24, 29)');
  await page.context().close();
});

it('lets a person go everywhere by keyboard', async () => {
  const page = await studio.open('/studio/runs');
  await page.getByRole('heading', { name: 'Training runs' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Go to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate<string>('document.activeElement.tagName')).toBe('SUMMARY');
  await page.context().close();
});

it('refuses other pages and other paths', async () => {
  const foreign = { headers: { origin: 'http://example.org', 'content-type': 'application/json' } };
  const stop = await fetch(`${studio.url}/studio/api/job/stop`, {
    method: 'POST',
    body: '{"id":"1"}',
    ...foreign,
  });
  expect(stop.status).toBe(403);
  for (const run of ['..', '../data', 'tiny/../tiny', '/etc', 'tiny\0']) {
    const { status } = await fetch(`${studio.url}/studio/api/run?run=${encodeURIComponent(run)}`);
    expect([400, 404]).toContain(status);
  }
  expect((await fetch(`${studio.url}/studio/assets/..%2f..%2f..%2fpackage.json`)).status).toBe(404);
});
