import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DescribedSession } from '../session.js';
import { hailo, hailoDevices } from './hailo.js';
import { DEVICE_ID_BYTES, VSTREAM_INFO, VSTREAM_PARAMS } from './layout.js';
import { stubFolder, stubHef, withoutCompiler } from './testing/stub.js';

// No HailoRT and no device: a library of our own with the same interface, compiled here.
const stubs = stubFolder();
let library = '';
beforeAll(() => {
  if (!withoutCompiler) library = stubs.build();
});
afterAll(() => stubs.remove());

const open = async (
  kind: string,
  options: { timeout?: number; share?: boolean } = {},
): Promise<DescribedSession> => (await hailo({ library, ...options })).createSession(stubHef(kind));

const pixels = (fill: number) =>
  ({ dtype: 'uint8', shape: [1, 4, 2, 3], data: new Uint8Array(24).fill(fill) }) as const;

/** What the stub counts: HEFs, devices and streams that are open. */
const openThings = () => koffi.load(library).func('stub_open_things', 'int', [])() as number;

describe.skipIf(withoutCompiler)('HailoRT, by a stub', () => {
  it('knows the layouts that a C compiler makes, and those of the real header', () => {
    const values = new Uint32Array(16);
    const count = koffi.load(library).func('stub_layout', 'int', ['void *'])(values) as number;
    const known = [
      ...[40, VSTREAM_PARAMS.bytes, VSTREAM_PARAMS.formatType, VSTREAM_PARAMS.timeout, VSTREAM_INFO.bytes],
      ...[VSTREAM_INFO.direction, VSTREAM_INFO.formatType, VSTREAM_INFO.height, VSTREAM_INFO.zeroPoint],
      DEVICE_ID_BYTES,
    ];
    expect(Array.from(values.subarray(0, count))).toEqual(known);
    // Printed by sizeof and offsetof on hailort.h of 4.20.0, 4.23.0, 5.0.0 and 5.2.0.
    expect(known).toEqual([40, 156, 128, 140, 436, 388, 392, 404, 420, 32]);
  });

  it('finds devices and says its version', async () => {
    expect(await hailoDevices(library)).toEqual(['stub:00.0']);
    expect((await hailo({ library })).name).toBe('HailoRT 4.23.0');
  });

  it('describes the ends of a network: pixels where the chip normalizes, real numbers otherwise', async () => {
    const session = await open('pixels');
    expect(session.inputs).toEqual([
      { name: 'net/input', dtype: 'uint8', shape: [1, 4, 2, 3], limits: [0, 255] },
    ]);
    expect(session.outputs).toEqual([
      { name: 'net/classes', dtype: 'float32', shape: [1, 3], limits: [-5, 122.5] },
    ]);
    await session.close();
    const real = await open('real');
    expect(real.inputs[0]).toMatchObject({ dtype: 'float32' });
    await real.close();
    expect(openThings()).toBe(0);
  });

  it('answers frames in their order, also when runs overlap', async () => {
    const session = await open('pixels');
    const answers = await Promise.all([1, 2, 30].map((fill) => session.run({ 'net/input': pixels(fill) })));
    expect(answers.map((answer) => Array.from(answer['net/classes']?.data as Float32Array))).toEqual([
      [1, 2, 3],
      [2, 4, 6],
      [30, 60, 90],
    ]);
    const into = { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } as const;
    await session.run({ 'net/input': pixels(5) }, { 'net/classes': into });
    expect(Array.from(into.data)).toEqual([5, 10, 15]);
    await session.close();
    expect(openThings()).toBe(0);
  });

  it('hands real numbers over as they are', async () => {
    const session = await open('real');
    const data = new Float32Array(24).fill(-0.5);
    const { 'net/classes': answer } = await session.run({
      'net/input': { dtype: 'float32', shape: [1, 4, 2, 3], data },
    });
    expect(Array.from(answer?.data as Float32Array)).toEqual([-0.5, -1, -1.5]);
    await session.close();
  });

  it('shares the device through the service when asked', async () => {
    const shared = () => koffi.load(library).func('stub_shared', 'int', [])() as number;
    await (await open('pixels')).close();
    expect(shared()).toBe(0);
    await (await open('pixels', { share: true })).close();
    expect(shared()).toBe(1);
  });

  it('refuses input of another type or size before it reaches the library', async () => {
    const session = await open('pixels');
    const wrong = { dtype: 'uint8', shape: [1, 2, 2, 3], data: new Uint8Array(12) } as const;
    await expect(session.run({ 'net/input': wrong })).rejects.toThrow(
      'HailoRT: input "net/input": received uint8 [1, 2, 2, 3], expected uint8 [1, 4, 2, 3].',
    );
    await expect(session.run({})).rejects.toThrow('received no tensor');
    await session.close();
    await expect(session.run({ 'net/input': pixels(1) })).rejects.toThrow('received a run after close');
  });
});

describe.skipIf(withoutCompiler)('failures of HailoRT, by a stub', () => {
  it('no library', async () => {
    await expect(hailo({ library: '/nowhere/libhailort.so' })).rejects.toThrow(
      /^HailoRT: received no library "\/nowhere\/libhailort.so" \(.*\), expected HailoRT 4\.20 to 4\.23 or 5\.0 to 5\.2; install it/,
    );
  });

  it('another library', async () => {
    await expect(hailo({ library: 'libc.so.6' })).rejects.toThrow(
      /^libc.so.6: received a library that is not HailoRT \(.*hailo_get_status_message.*\)/,
    );
  });

  it.each([
    [4, 19],
    [4, 24],
    [5, 3],
    [3, 22],
  ])('version %i.%i', async (major, minor) => {
    const other = stubs.build({ STUB_MAJOR: major, STUB_MINOR: minor });
    await expect(hailo({ library: other })).rejects.toThrow(
      `${other}: received HailoRT ${major}.${minor}.0, expected 4.20 to 4.23 or 5.0 to 5.2; ` +
        'other versions may lay out their data differently; install one of these.',
    );
  });

  it('no device', async () => {
    const runtime = await hailo({ library: stubs.build({ STUB_DEVICES: 0 }) });
    await expect(runtime.createSession(stubHef('pixels'))).rejects.toThrow(
      'HailoRT: received no device, expected a Hailo accelerator; ' +
        'check that it is plugged in and that "hailortcli scan" finds it.',
    );
  });

  it('a file that is no HEF, one for another device, a detector: a sentence, and nothing stays open', async () => {
    const runtime = await hailo({ library });
    await expect(runtime.createSession(new TextEncoder().encode('no such thing'))).rejects.toThrow(
      'HailoRT, reading the HEF: received a file that is no intact HEF (HAILO_INVALID_HEF, 26), ' +
        'expected a HEF of Hailo\'s compiler; look at it with "mien hailo inspect FILE.hef".',
    );
    await expect(open('other')).rejects.toThrow(
      'HailoRT, loading the network: received a HEF for another device or version of HailoRT ' +
        '(HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE, 93)',
    );
    await expect(open('boxes')).rejects.toThrow('received "net/classes", a list of boxes');
    expect(openThings()).toBe(0);
  });

  it('a frame without an answer: within the limit, and the session is over', async () => {
    const session = await open('timeout', { timeout: 150 });
    const started = performance.now();
    const sentence =
      'HailoRT, reading "net/classes": received no answer from the device in time (HAILO_TIMEOUT, 4), ' +
      'expected one within the time limit';
    await expect(session.run({ 'net/input': pixels(1) })).rejects.toThrow(sentence);
    expect(performance.now() - started).toBeLessThan(5000);
    // A second one does not wait again.
    await expect(session.run({ 'net/input': pixels(1) })).rejects.toThrow(sentence);
    await session.close();
    expect(openThings()).toBe(0);
  });

  it('a device that keeps us waiting does not stop the rest of the program', async () => {
    const session = await open('timeout', { timeout: 400 });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const run = session.run({ 'net/input': pixels(1) });
    await expect(run).rejects.toThrow('HAILO_TIMEOUT');
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    await session.close();
  });

  it('a device that is unplugged between two frames', async () => {
    const session = await open('lost');
    for (const fill of [1, 2]) await session.run({ 'net/input': pixels(fill) });
    await expect(session.run({ 'net/input': pixels(3) })).rejects.toThrow(
      'HailoRT, writing "net/input": received a device that went away (HAILO_COMMUNICATION_CLOSED, 62), ' +
        'expected a device that stays connected; check power, cable and cooling, then start again.',
    );
    await session.close();
    await session.close();
    expect(openThings()).toBe(0);
  });
});
