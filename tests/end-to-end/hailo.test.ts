/** `mien hailo` as a person runs it, on made files and drawn faces. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../../src/data/draw/write.js';
import { harFiles, makeTar } from '../../src/export/hailo/testing/make-har.js';
import { encode, makeHef } from '../../src/export/hailo/testing/make-hef.js';
import { SAMPLE } from '../../src/export/hailo/testing/sample.js';
import { mien, workshop } from './cli.js';

const { path: folder, remove } = workshop();
afterAll(remove);

const FIVE = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];
const hef = join(folder, 'made.hef');
const har = join(folder, 'made.har');
const cut = join(folder, 'cut.hef');
const bytes = makeHef(2, encode('Hef', SAMPLE));
writeFileSync(hef, bytes);
writeFileSync(cut, bytes.subarray(0, 90));
writeFileSync(har, makeTar(harFiles('quantized_model')));

describe('mien hailo inspect', () => {
  it('prints a HEF as text', async () => {
    const { code, stdout, stderr } = await mien('hailo', 'inspect', hef);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('compiler     Dataflow Compiler 3.31.0');
    expect(stdout).toContain('net/input_layer1');
  });

  it.each([
    [hef, { format: 'hef', compiler: { version: '3.31.0' }, unknownFields: [] }],
    [har, { format: 'har', state: 'quantized', layers: [{ name: 'net/input_layer1' }, {}, {}, {}] }],
  ])('prints %s as one JSON document', async (file, expected) => {
    const { code, stdout } = await mien('hailo', 'inspect', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file, ...expected });
  });

  it('says in one sentence what is wrong', async () => {
    const { code, stdout, stderr } = await mien('hailo', 'inspect', cut);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `mien: ${cut}: received a file of 90 bytes, expected the ${bytes.length} bytes that its header promises; ` +
        'the file is truncated or its header is damaged: copy it again.\n',
    );
    expect((await mien('hailo', 'inspect')).code).toBe(2);
  });
});

describe('mien hailo bundle, compile and compare', () => {
  const data = join(folder, 'faces');
  const out = join(folder, 'bundle');

  it('make a bundle, and say in one sentence that the compiler is missing', async () => {
    await writeDrawnFaces({ out: data, train: 40, test: 10, classes: FIVE, seed: 7 });
    const small = ['--images', '24', '--optimization-level', '0', '--check-images', '3'];
    const bundle = await mien('hailo', 'bundle', 'mien', '--data', data, '--out', out, ...small, '--json');
    expect(bundle.code, bundle.stderr).toBe(0);
    expect(JSON.parse(bundle.stdout)).toMatchObject({ version: 1, manifest: { architecture: 'hailo8' } });
    const compiled = ['--out', join(folder, 'compiled'), '--dfc-python', join(folder, 'no-python')];
    const missing = await mien('hailo', 'compile', out, ...compiled);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toMatch(/^mien: --dfc-python: received .*take the bundle .*README\.md\.\n$/);
  }, 240_000);

  it('compare answers', async () => {
    const [name = ''] = readdirSync(join(data, 'test', 'happy'));
    const log = join(folder, 'device.csv');
    writeFileSync(log, `file,predicted\n/home/pi/test/happy/${name},happy\n`);
    const compared = await mien(
      'hailo',
      'compare',
      '--float',
      'mien',
      '--data',
      data,
      '--device-log',
      log,
      '--json',
    );
    expect(compared.code, compared.stderr).toBe(0);
    expect(JSON.parse(compared.stdout)).toMatchObject({ version: 1, images: 1, notShown: 9 });
  }, 240_000);
});
