import { chromium, type Browser, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Real sizes of the heap, and a way to collect it first.
  '--enable-precise-memory-info',
  '--js-flags=--expose-gc',
];

/** Starts the system's Chromium without a window; `camera` is a file of motion JPEG or Y4M for its webcam. */
export function openChromium(camera?: string): Promise<Browser> {
  const fake = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const args =
    camera === undefined ? FLAGS : [...FLAGS, ...fake, `--use-file-for-fake-video-capture=${camera}`];
  return chromium.launch({ executablePath: process.env['MIEN_CHROMIUM'] ?? 'chromium', args });
}

/** An open page, what it complains about, and what it asks of other sites. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: string[];
  readonly foreign: string[];
}

/** Opens a page and watches it. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (!['blob:', 'data:'].includes(asked.protocol) && asked.origin !== origin) foreign.push(asked.href);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints, foreign };
}
