import { chromium, type Browser, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the system's Chromium without a window; `camera` is a file of motion JPEG or Y4M for its webcam. */
export function openChromium(camera?: string): Promise<Browser> {
  const fake = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const args =
    camera === undefined ? FLAGS : [...FLAGS, ...fake, `--use-file-for-fake-video-capture=${camera}`];
  return chromium.launch({ executablePath: process.env['MIEN_CHROMIUM'] ?? 'chromium', args });
}

/** Opens a page and collects what it complains about. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}
