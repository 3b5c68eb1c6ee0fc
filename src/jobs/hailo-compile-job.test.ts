/** Drives fakes of Hailo's compiler (tests/fakes/hailo): no real one has been run. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { decodeNpy } from '../core/npy.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { formatChecksums, parseChecksums } from '../export/hailo/bundle/checksums.js';
import { encode, makeHef } from '../export/hailo/testing/make-hef.js';
import { SAMPLE } from '../export/hailo/testing/sample.js';
import { ortNode } from '../runtime/node/ort.js';
import type { JobEvent, JobHooks } from './events.js';
import { hailoBundleJob } from './hailo-bundle-job.js';
import { hailoCompileJob, type HailoCompileOptions } from './hailo-compile-job.js';
import { formatHailoCompiled } from './hailo-compile-text.js';
import { inspectHailo } from './hailo-inspect-job.js';
import { sha256Of } from './sha256.js';
import { saveSmallModel } from './testing/small-model.js';

const fakes = fileURLToPath(new URL('../../tests/fakes/hailo/', import.meta.url));
const dfcPython = join(fakes, 'bin', 'python');
const folder = mkdtempSync(join(tmpdir(), 'mien-compile-'));
const found = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
const python = process.platform !== 'win32' && found.status === 0;
// Found once: version managers put slow scripts before the program.
process.env['FAKE_PYTHON'] = python ? found.stdout.trim() : 'python3';
afterAll(() => {
  delete process.env['FAKE_HAILO'];
  delete process.env['FAKE_PYTHON'];
  rmSync(folder, { recursive: true });
});

const bundle = join(folder, 'bundle');
let logits: number[][];
let out: string;
let plan: Record<string, unknown>;
let notes: string[];
const hooks: JobHooks = {
  onEvent: (event: JobEvent) => {
    if (event.kind === 'note') notes.push(event.text);
  },
};

beforeAll(async () => {
  const [data, classes] = [join(folder, 'faces'), ['happy', 'angry']];
  await writeDrawnFaces({ out: data, train: 12, test: 4, classes, seed: 3 });
  const model = await saveSmallModel(join(folder, 'net.keras'), classes);
  const level0 = { images: 8, checkImages: 4, optimizationLevel: 0, a16w16: ['logits'] };
  await hailoBundleJob({ model, data, out: bundle, ...level0, runtime: ortNode() });
  const float = decodeNpy(readFileSync(join(bundle, 'check', 'logits.npy')));
  logits = Array.from({ length: 4 }, (_, i) => [...float.data.subarray(2 * i, 2 * i + 2)]);
}, 240_000);

beforeEach(() => {
  const fake = mkdtempSync(join(folder, 'fake-'));
  process.env['FAKE_HAILO'] = fake;
  writeFileSync(join(fake, 'model.hef'), makeHef(2, encode('Hef', SAMPLE)));
  plan = { version: '3.33.0', logits: { SDK_FP_OPTIMIZED: logits, SDK_QUANTIZED: logits } };
  notes = [];
  out = join(mkdtempSync(join(folder, 'out-')), 'compiled');
});

function compile(change: Partial<HailoCompileOptions> = {}, more: Record<string, unknown> = {}) {
  writeFileSync(join(process.env['FAKE_HAILO'] ?? '', 'plan.json'), JSON.stringify({ ...plan, ...more }));
  return hailoCompileJob({ bundle, out, dfcPython, ...change }, hooks);
}

/** What was called: the stage, and of the emulator the context. */
function calls(): { stage: string; context?: string; arguments: string[]; shape?: number[] }[] {
  const path = join(process.env['FAKE_HAILO'] ?? '', 'calls.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as ReturnType<typeof calls>[number]);
}
const stages = () => calls().map(({ stage, context }) => context ?? stage);
const ALL = ['parse', 'optimize', 'SDK_FP_OPTIMIZED', 'SDK_QUANTIZED', 'compile'];

/** A bundle that asks for another level, as one of more images would. */
function bundleAtLevel(level: number): string {
  const copy = mkdtempSync(join(folder, 'bundle-'));
  cpSync(bundle, copy, { recursive: true });
  const manifest = readFileSync(join(copy, 'bundle.json'), 'utf8');
  writeFileSync(
    join(copy, 'bundle.json'),
    manifest.replace('"optimizationLevel": 0', `"optimizationLevel": ${level}`),
  );
  const script = readFileSync(join(copy, 'model.alls'), 'utf8');
  writeFileSync(
    join(copy, 'model.alls'),
    script.replace('optimization_level=0', `optimization_level=${level}`),
  );
  const sums = join(copy, 'SHA256SUMS');
  const files = [...parseChecksums(sums, readFileSync(sums, 'utf8')).keys()];
  writeFileSync(sums, formatChecksums(new Map(files.map((file) => [file, sha256Of(join(copy, file))]))));
  return copy;
}

describe.skipIf(!python)('hailoCompileJob, driving fakes', () => {
  it('runs four stages in order with the documented arguments and keeps what they make', async () => {
    const result = await compile();
    expect(stages()).toEqual(ALL);
    const [parse, optimize, fp, , last] = calls();
    expect(parse?.arguments).toEqual([
      ...['parser', 'onnx', join(bundle, 'model.onnx'), '--net-name', 'net', '--hw-arch', 'hailo8'],
      ...['--start-node-names', 'conv', '--end-node-names', 'logits', '--har-path', 'net.har', '-y'],
    ]);
    expect(optimize?.arguments.slice(0, 6)).toEqual([
      ...['optimize', 'net.har', '--hw-arch', 'hailo8', '--calib-set-path', join(bundle, 'calib.npy')],
    ]);
    expect(fp?.shape).toEqual([4, 32, 32, 3]);
    expect(last?.arguments.slice(0, 4)).toEqual(['compiler', 'net_quantized.har', '--hw-arch', 'hailo8']);
    expect(result).toMatchObject({
      ...{ compiler: '3.33.0', architecture: 'hailo8', hef: join(out, 'net.hef'), resumed: [] },
      check: { images: 4, emulated: { agreement: 1, largestDifference: 0 } },
    });
    for (const file of [
      'net.har',
      'net_quantized.har',
      'net_compiled.har',
      'labels.json',
      'preprocessing.json',
    ]) {
      expect(existsSync(join(out, file)), file).toBe(true);
    }
    expect(readFileSync(join(out, 'compile.log'), 'utf8')).toContain('== optimize: 2');
    // Layers at 16 bits, by the names that the parser gave them.
    const har = inspectHailo(join(out, 'net_quantized.har'));
    const script = har.format === 'har' ? har.scripts[0]?.text : '';
    expect(script).toContain('calibset_size=8)\n');
    expect(script?.endsWith('quantization_param(net/fc1, precision_mode=a16_w16)\n')).toBe(true);
    expect(formatHailoCompiled(result)).toMatch(/compiler, quantized +\d+\.00 % +100\.00 % +0\.0000/);
  });

  it('takes the TensorFlow Lite file, another architecture, and a result of another name', async () => {
    const { hef } = await compile({ from: 'tflite', hwArch: 'hailo8l' }, { hef: 'otherwise' });
    expect([hef, existsSync(hef)]).toEqual([join(out, 'net.hef'), true]);
    expect(calls()[0]?.arguments.slice(0, 7)).toEqual([
      ...['parser', 'tf', join(bundle, 'model.tflite'), '--net-name', 'net', '--hw-arch', 'hailo8l'],
    ]);
  });

  it('goes on with the stage that failed, and does nothing twice', async () => {
    await expect(compile({}, { fail: { compile: 1 } })).rejects.toThrow(
      `compile: received exit code 1 after "[error] Failed to compile (as planned)", expected a result; read ` +
        `${join(out, 'compile.log')}, then run the same command again, which goes on with this stage.`,
    );
    const result = await compile({}, { fail: { compile: 1 } });
    expect(stages()).toEqual([...ALL, 'compile']);
    expect(result.resumed).toEqual(['parse', 'optimize', 'check']);
    expect((await compile()).resumed).toEqual(['parse', 'optimize', 'check', 'compile']);
    expect(stages()).toHaveLength(6);
    expect(notes.at(-1)).toBe('[4/4] compile: done before');
  });

  it('repeats a stage whose result is gone or damaged, and all behind it', async () => {
    await compile();
    writeFileSync(join(out, 'net_quantized.har'), 'damaged');
    expect((await compile()).resumed).toEqual(['parse']);
    expect(stages()).toEqual([...ALL, ...ALL.slice(1)]);
  });

  it('starts over for another architecture', async () => {
    await compile();
    expect((await compile({ hwArch: 'hailo8l' })).resumed).toEqual([]);
    expect(notes).toContain(
      'Starting over: the bundle, the architecture or the compiler is another than before.',
    );
  });

  it('tries level 0 where the optimization fails', async () => {
    const result = await compile({ bundle: bundleAtLevel(2) }, { fail: { optimize: 1 } });
    expect(stages()).toEqual(['parse', 'optimize', ...ALL.slice(1)]);
    const scripts = calls().flatMap(({ stage, arguments: args }) => (stage === 'optimize' ? [args[7]] : []));
    expect(scripts).toEqual(['model.alls', 'model_level0.alls']);
    expect(result.stages.optimize).toMatchObject({ optimizationLevel: 0 });
    expect(notes).toContain('optimize failed at level 2; trying level 0');
  });

  it('gives up when level 0 fails too', async () => {
    await expect(compile({ bundle: bundleAtLevel(2) }, { fail: { optimize: 2 } })).rejects.toThrow(
      'optimize: received exit code 1 after "[error] Failed to optimize (as planned)"',
    );
    await expect(compile({}, { fail: { optimize: 9 } })).rejects.toThrow('optimize: received exit code 1');
    expect(stages()).not.toContain('compile');
  });

  it('repeats what the compiler says about doing less than it was asked for', async () => {
    const line = '[warning] Reducing optimization level to 0 because there is no available GPU';
    const result = await compile({}, { lines: { optimize: [`\u001b[33m${line}\u001b[0m`] } });
    expect(result.stages.optimize.warnings).toEqual([line]);
    expect(notes).toContain(`  ${line}`);
  });

  it('warns when the translation answers otherwise than the float model', async () => {
    const other = logits.map((row) => [...row].reverse());
    const result = await compile({}, { logits: { SDK_FP_OPTIMIZED: other, SDK_QUANTIZED: other } });
    expect(result.check.emulated.agreement).toBe(0);
    expect(result.stages.check.warnings[0]).toMatch(/on only 0\.0 % of the check images: the translation or/);
  });

  it('refuses results that are none', async () => {
    await expect(compile({}, { silent: ['parse'] })).rejects.toThrow(
      'parse: received no result after "nothing"',
    );
    await expect(compile({}, { logits: { SDK_FP_OPTIMIZED: logits, SDK_QUANTIZED: [] } })).rejects.toThrow(
      'check: received exit code 1',
    );
    const short = { SDK_FP_OPTIMIZED: logits.map(([x]) => [x]), SDK_QUANTIZED: logits };
    await expect(compile({}, { logits: short })).rejects.toThrow(
      'check_logits.json: SDK_FP_OPTIMIZED: received 4 rows of 1 values, expected 4 rows of 2 finite logits',
    );
    writeFileSync(join(process.env['FAKE_HAILO'] ?? '', 'model.hef'), 'no executable');
    await expect(compile()).rejects.toThrow(/net\.hef: received/);
  });

  it('stops when asked to, and goes on later', async () => {
    writeFileSync(
      join(process.env['FAKE_HAILO'] ?? '', 'plan.json'),
      JSON.stringify({ ...plan, slow: 'parse' }),
    );
    const stopping = hailoCompileJob({ bundle, out, dfcPython }, { shouldStop: () => true });
    await expect(stopping).rejects.toThrow(
      'parse: received a wish to stop, expected to go on; run the same command again to resume.',
    );
    expect((await compile()).resumed).toEqual([]);
  });
});

describe('without the compiler', () => {
  const remedy =
    "expected the Python of Hailo's Dataflow Compiler 3.x; install the compiler from Hailo's developer zone on Linux " +
    `x86-64 and name its Python, or take the bundle ${bundle} there and run the commands in its README.md.`;

  it('one sentence says what to install, and that the bundle is there', async () => {
    const missing = join(folder, 'no', 'python');
    await expect(compile({ dfcPython: missing })).rejects.toThrow(
      `--dfc-python: received "${missing}", which cannot be started (spawn ${missing} ENOENT), ${remedy}`,
    );
    expect(existsSync(out)).toBe(false);
  });

  it.skipIf(!python)('of another Python and of another release line too', async () => {
    await expect(compile({ dfcPython: 'python3' })).rejects.toThrow(
      `--dfc-python: received "python3", which has no module hailo_sdk_client, ${remedy}`,
    );
    await expect(compile({}, { version: '5.4.0' })).rejects.toThrow(
      `--dfc-python: received Dataflow Compiler 5.4.0 for hailo8, ${remedy}`,
    );
  });
});
