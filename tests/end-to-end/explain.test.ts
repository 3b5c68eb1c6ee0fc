/** Heat maps and the studio from the command line: what is written, and what is said when a path is wrong. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLASSES, drawData, mien, workshop } from './cli.js';

const { path: folder, remove } = workshop();
const at = (...parts: string[]) => join(folder, ...parts);
let picture: string;

beforeAll(async () => {
  const drawn = join(await drawData(at('faces')), 'test', CLASSES[0] ?? '');
  picture = join(drawn, readdirSync(drawn)[0] ?? '');
  writeFileSync(at('text.jpg'), 'no picture');
});
afterAll(remove);

describe('mien explain', () => {
  it.each(['grad-cam', 'occlusion'])('draws a heat map: %s', async (method) => {
    const out = at(`${method}.png`);
    const args = ['--model', 'mien', '--method', method, '--out', out, '--json'];
    const { code, stdout, stderr } = await mien('explain', picture, ...args);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const said = JSON.parse(stdout) as { method: string; target: string; class: string };
    expect(said).toMatchObject({ method, target: said.class });
    const { data, info } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(Math.min(info.width, info.height)).toBeGreaterThanOrEqual(48);
    // Colours over grey: some pixel must not be grey.
    expect(data.some((value, i) => i % 3 === 0 && value !== data[i + 2])).toBe(true);
  });

  it.each([
    ['nowhere.png', 'received no such file or folder, expected a picture file.'],
    ['text.jpg', 'received bytes that do not decode'],
  ])('says in one sentence what is wrong with %s', async (name, text) => {
    const { code, stderr } = await mien('explain', at(name), '--model', 'mien', '--out', at('never.png'));
    expect(stderr).toContain(`mien: ${at(name)}: ${text}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    expect(existsSync(at('never.png'))).toBe(false);
  });
});

describe('mien studio', () => {
  it.each([
    ['--data', 'nowhere', 'received no such file or folder, expected a data folder or a CSV file.'],
    ['--runs', 'text.jpg', 'received a file, expected a folder of runs.'],
  ])('does not start with a wrong %s', async (flag, name, text) => {
    const { code, stderr, stdout } = await mien('studio', '--port', '0', flag, at(name));
    expect(stderr.trimEnd()).toBe(`mien: ${at(name)}: ${text}`);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});
