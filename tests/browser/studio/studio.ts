/** A running studio and a real browser for tests. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, inject } from 'vitest';

import { ROOT, start, type Running } from '../../end-to-end/cli.js';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** What a test works with; each test file has its own. */
export interface Studio {
  readonly url: string;
  /** Folder with `data` and `runs`. */
  readonly folder: string;
  /** A page of the studio, as a person opens it. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Starts a studio on a copy of the prepared folder, and a browser, for the tests of a file. */
export function withStudio(
  extra: { readonly flags?: readonly string[]; readonly args?: readonly string[] } = {},
): Studio {
  let running: Running | undefined;
  let browser: Browser | undefined;
  const studio = { url: '', folder: mkdtempSync(join(tmpdir(), 'mien-studio-test-')) };
  beforeAll(async () => {
    cpSync(inject('workshop'), studio.folder, { recursive: true });
    [running, studio.url] = await startStudio(studio.folder, extra.args ?? []);
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [...FLAGS, ...(extra.flags ?? [])],
    });
  });
  afterAll(async () => {
    await browser?.close();
    running?.child.kill('SIGINT');
    await running?.result;
    rmSync(studio.folder, { recursive: true, force: true });
  });
  const open = async (path: string, options: BrowserContextOptions = {}) => {
    if (browser === undefined) throw new Error('no browser');
    const context = await browser.newContext({
      viewport: { width: 1100, height: 800 },
      locale: 'en-GB',
      ...options,
    });
    // A busy machine takes its time.
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    watch(page, studio.url);
    await page.goto(`${studio.url}${path}`);
    return page;
  };
  return Object.assign(studio, { open });
}

function chromiumPath(): string {
  return process.env['MIEN_CHROMIUM'] ?? '/usr/bin/chromium';
}

async function startStudio(folder: string, args: readonly string[]): Promise<[Running, string]> {
  const places = [
    '--runs',
    join(folder, 'runs'),
    '--data',
    join(folder, 'data'),
    '--cache-dir',
    join(folder, 'cache'),
  ];
  const running = start(['studio', '--port', '0', ...places, ...args]);
  const url = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.on('data', (text: string) => {
      const found = /http:\/\/[^/\s]+/.exec(text);
      if (found !== null) resolve(found[0]);
    });
    void running.result.then(({ stderr }) => reject(new Error(stderr)));
  });
  return [running, url];
}

/** Complaints of the page, its policy included, and requests elsewhere, end the test that asks. */
const complaints = new WeakMap<Page, string[]>();

function watch(page: Page, url: string): void {
  const seen: string[] = [];
  complaints.set(page, seen);
  page.on('pageerror', (error) => seen.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.push(message.text());
  });
  page.on('request', (request) => {
    const target = request.url();
    if (!target.startsWith(url) && !/^(blob|data):/.test(target)) seen.push(`a request to ${target}`);
  });
}

/** Nothing went wrong in the page, and it asked nobody but the studio. */
export function expectQuiet(page: Page): void {
  expect(complaints.get(page)).toEqual([]);
}

/** axe-core finds nothing serious, in both themes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    // Its source runs in an isolated way, past the page's policy.
    await page.evaluate(axe.source);
    const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      '(async () => (await axe.run()).violations)()',
    );
    const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = serious.map(
      ({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
    expect(told).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Nothing is wider than a small telephone. */
export async function expectNarrow(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1100, height: 800 });
}

/** A picture for the documentation; only where asked for, since drawing differs a little between machines. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['MIEN_SCREENSHOTS'] !== '1') return;
  await page.evaluate('scrollTo(0, 0)');
  const png = sharp(await page.screenshot()).png({ palette: true, colours: 64 });
  await png.toFile(join(ROOT, 'docs', 'images', `studio-${name}.png`));
}
