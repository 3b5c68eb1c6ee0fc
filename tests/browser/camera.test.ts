/** `<mien-camera>` with a webcam that shows a drawn face, used as a person uses it: by the keyboard. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../../src/data/draw/index.js';
import { imageAt } from '../../src/data/images.js';
import { openChromium, openPage } from './chromium.js';
import { root } from './site.js';
import { servePage } from './site.js';
import type { Served } from './static-server.js';

let folder: string;
let browser: Browser;
let site: Served;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mien-camera-'));
  browser = await openChromium(await faceVideo());
  site = await servePage(join(root, 'examples', 'browser'));
});
afterAll(async () => {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A second of one happy drawn face in the middle of 320 × 240 pixels, as the fake webcam takes it. */
async function faceVideo(): Promise<string> {
  const { width, height, pixels } = imageAt(drawFaces({ classes: ['happy'], perClass: 1, seed: 2 }), 0);
  const picture = join(folder, 'face.png');
  const face = sharp(pixels, { raw: { width, height, channels: 1 } }).resize(192, 192);
  const sides = { left: 64, right: 64, top: 24, bottom: 24, background: '#555' };
  writeFileSync(picture, await face.toColourspace('srgb').extend(sides).png().toBuffer());
  const video = join(folder, 'face.y4m');
  const args = [
    '-loglevel',
    'error',
    '-loop',
    '1',
    '-i',
    picture,
    '-t',
    '1',
    '-r',
    '10',
    '-pix_fmt',
    'yuv420p',
    video,
  ];
  expect(spawnSync('ffmpeg', args).status).toBe(0);
  return video;
}

describe('<mien-camera>', () => {
  it('in the plain example: starts and stops by the keyboard, names what it sees, lets the camera go', async () => {
    const { page, complaints } = await openPage(browser, `${site.url}/`);
    const button = page.getByRole('button', { name: 'Start camera' });
    await button.focus();
    await page.keyboard.press('Enter');
    const events = await page.evaluate(
      () =>
        new Promise<{ class: string; sum: number }[]>((resolve) => {
          const seen: { class: string; sum: number }[] = [];
          document.querySelector('mien-camera')?.addEventListener('expression', (event) => {
            const { detail } = event as CustomEvent<{ class: string; probabilities: Record<string, number> }>;
            const sum = Object.values(detail.probabilities).reduce((a, b) => a + b, 0);
            seen.push({ class: detail.class, sum });
            if (seen.length === 3) resolve(seen);
          });
        }),
    );
    expect(events.every(({ sum }) => Math.abs(sum - 1) < 1e-5)).toBe(true);
    expect(new Set(events.map((event) => event.class)).size).toBe(1);
    const meters = page.getByRole('meter');
    expect(await meters.count()).toBe(5);
    expect(await page.locator('mien-camera').getByRole('status').textContent()).toBe(events[0]?.class);
    await page.screenshot({ path: join(root, 'work', 'browser', 'camera.png') });
    await page.getByRole('button', { name: 'Stop camera' }).focus();
    await page.keyboard.press('Enter');
    const off = await page.evaluate(() => {
      const video = document.querySelector('mien-camera')?.shadowRoot?.querySelector('video');
      return video?.srcObject === null;
    });
    expect(off).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('lets the camera go when the model does not load', async () => {
    const { page } = await openPage(browser, `${site.url}/`);
    const states = await page.evaluate(async () => {
      const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      let camera: Promise<MediaStream> | undefined;
      // Opens after the model has failed, as when a person takes a while to allow it.
      devices.getUserMedia = (wanted) =>
        (camera = new Promise((resolve) => setTimeout(resolve, 1500)).then(() => open(wanted)));
      const element = document.querySelector('mien-camera') as HTMLElement & { start(): Promise<void> };
      element.setAttribute('model', '/nowhere.onnx');
      const failed = await element.start().then(
        () => 'started',
        () => 'failed',
      );
      const tracks = (await camera)?.getTracks() ?? [];
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [failed, ...tracks.map(({ readyState }) => readyState)];
    });
    expect(states).toEqual(['failed', 'ended']);
    await page.close();
  });
});
