import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import type { FrameSource } from '../frame.js';
import { openSink } from '../sinks/open-sink.js';
import { makeVideo, withoutFfmpeg } from '../testing/ffmpeg.js';
import { makeFrame } from '../testing/frames.js';
import type { UnreadableFrame } from './folder-source.js';
import { inputArgs } from './input-args.js';
import { openSource } from './open-source.js';
import { parseSource, redacted } from './source-name.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function drain(
  source: FrameSource,
  slow = 0,
): Promise<{ index: number; time: number; first: number }[]> {
  const seen: { index: number; time: number; first: number }[] = [];
  for (let frame = await source.next(); frame !== undefined; frame = await source.next()) {
    seen.push({ index: frame.index, time: frame.time, first: frame.pixels[0] ?? -1 });
    if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
    frame.release();
  }
  await source.close();
  return seen;
}

describe('names of sources', () => {
  it('tells cameras, streams, files and folders apart', () => {
    const file = join(folder, 'a.mp4');
    writeFileSync(file, '');
    expect(parseSource('0')).toEqual({ kind: 'camera', device: '0' });
    expect(parseSource('/dev/video2')).toEqual({ kind: 'camera', device: '/dev/video2' });
    expect(parseSource('rtsp://host/a')).toEqual({ kind: 'stream', url: 'rtsp://host/a' });
    expect(parseSource(file)).toEqual({ kind: 'file', path: file });
    expect(parseSource(folder)).toEqual({ kind: 'folder', path: folder });
    expect(() => parseSource('nothing.mp4')).toThrow(
      '--source: received "nothing.mp4", expected a camera\'s number, a video, a folder of pictures or a stream ' +
        'like rtsp://host/path; check the path.',
    );
  });

  it('opens cameras as each system wants it', () => {
    const camera = { kind: 'camera', device: '1' } as const;
    expect(inputArgs(camera, { size: '640x480', fps: 15 }, 'linux').join(' ')).toBe(
      '-f v4l2 -video_size 640x480 -framerate 15 -i /dev/video1',
    );
    expect(inputArgs(camera, {}, 'darwin').join(' ')).toBe('-f avfoundation -i 1:none');
    expect(() => inputArgs(camera, {}, 'win32')).toThrow('expected its name on Windows');
    const named = { kind: 'camera', device: 'video=My Camera' } as const;
    expect(inputArgs(named, {}, 'win32')).toEqual(['-f', 'dshow', '-i', 'video=My Camera']);
  });

  it('hands a network stream to ffmpeg as it is, over TCP for RTSP and without waiting', () => {
    const of = (url: string) => inputArgs({ kind: 'stream', url }).join(' ');
    expect(of('rtsp://me:secret@host:554/a?b=1')).toBe(
      '-fflags nobuffer -rtsp_transport tcp -i rtsp://me:secret@host:554/a?b=1',
    );
    expect(of('RTSPS://host/a')).toContain('-rtsp_transport tcp');
    expect(of('srt://host:9000')).toBe('-fflags nobuffer -i srt://host:9000');
  });

  it('keeps passwords to itself', () => {
    expect(redacted('rtsp://me:secret@10.0.0.1/live failed')).toBe('rtsp://***@10.0.0.1/live failed');
  });
});

describe('a folder of pictures', () => {
  const pictures = join(folder, 'pictures');

  it('comes in the order of the numbers in the names, without ffmpeg; what is no picture is reported', async () => {
    mkdirSync(pictures);
    for (const i of [1, 2, 10]) {
      const colour = { r: i, g: 0, b: 0 };
      const picture = sharp({ create: { width: 6, height: 4, channels: 3, background: colour } });
      await picture.png().toFile(join(pictures, `f${i}.png`));
    }
    writeFileSync(join(pictures, 'f3.png'), 'no picture');
    writeFileSync(join(pictures, 'notes.txt'), 'no picture either');
    const unreadable: UnreadableFrame[] = [];
    const { frames, clock } = await openSource({
      ...{ source: pictures, fps: 10, ffmpeg: '/nowhere/ffmpeg' },
      onUnreadable: (picture) => unreadable.push(picture),
    });
    expect(clock).toBe(10);
    expect(await drain(frames)).toEqual([
      { index: 0, time: 0, first: 1 },
      { index: 1, time: 0.1, first: 2 },
      { index: 3, time: 0.3, first: 10 },
    ]);
    expect(unreadable.map(({ index, error }) => [index, error.includes('f3.png')])).toEqual([[2, true]]);
  });

  it('is dealt out in real time when asked, and the oldest are dropped', async () => {
    const { frames, clock } = await openSource({ source: pictures, fps: 100, realtime: true, queue: 1 });
    expect(clock).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await drain(frames)).map(({ first }) => first)).toEqual([10]);
    expect(frames.dropped).toBe(2);
  });

  it('counts a frame from the moment it is handed over, not from when it was read', async () => {
    const { frames } = await openSource({ source: pictures, fps: 5, realtime: true });
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      expect(performance.now() - frame.arrived).toBeLessThan(100);
      frame.release();
    }
    await frames.close();
  });

  it('ends with the error that the report of a picture throws', async () => {
    const { frames } = await openSource({
      source: pictures,
      onUnreadable: () => {
        throw new Error('nobody listens');
      },
    });
    expect([(await frames.next())?.pixels[0], (await frames.next())?.pixels[0]]).toEqual([1, 2]);
    await expect(frames.next()).rejects.toThrow('nobody listens');
    await frames.close();
  });

  it('says when there is nothing', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await expect(openSource({ source: empty })).rejects.toThrow(
      `${empty}: received no picture, expected files of type png, jpg, jpeg, bmp, webp.`,
    );
  });
});

describe('without ffmpeg', () => {
  it('a video is refused in one sentence that says what to install', async () => {
    const video = join(folder, 'any.mp4');
    writeFileSync(video, 'x');
    await expect(openSource({ source: video, ffmpeg: '/nowhere/ffmpeg' })).rejects.toThrow(
      /^\/nowhere\/ffprobe: received no such program, expected ffmpeg, which reads and writes video; install it \(.*\); a folder of pictures needs none\.$/,
    );
    const { frames } = await openSource({ source: 'rtsp://127.0.0.1:1/a', ffmpeg: '/nowhere/ffmpeg' });
    await expect(frames.next()).rejects.toThrow('received no such program');
    const sink = openSink({ out: join(folder, 'out.mp4'), ffmpeg: '/nowhere/ffmpeg', fps: 25 });
    await expect(sink.write(makeFrame(0))).rejects.toThrow('received no such program');
  });
});

describe.skipIf(withoutFfmpeg)('with ffmpeg', () => {
  const grey = 'color=black:size=32x24:rate=20:duration=2,format=rgb24';
  // Frame n is as bright as 2n.
  const ramp = `${grey},geq=r='2*N':g='2*N':b='2*N'`;
  const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'gbrp'];

  it('reads every frame of a video by its own clock, waiting for slow takers', async () => {
    const video = makeVideo(join(folder, 'ramp.mkv'), '-f', 'lavfi', '-i', ramp, ...lossless);
    const { frames, clock } = await openSource({ source: video, queue: 2 });
    expect(clock).toBe(20);
    const seen = await drain(frames, 1);
    expect(seen.map(({ index, first }) => [index, first])).toEqual(
      Array.from({ length: 40 }, (_, n) => [n, 2 * n]),
    );
    expect(seen[39]?.time).toBeCloseTo(39 / 20, 6);
    expect(frames.dropped).toBe(0);
  });

  it('reads at another rate, and stops in the middle', async () => {
    const video = join(folder, 'ramp.mkv');
    const { frames } = await openSource({ source: video, fps: 5 });
    expect(await drain(frames)).toHaveLength(10);
    const { frames: cut } = await openSource({ source: video });
    await cut.next();
    await cut.close();
    expect(await cut.next()).toBeUndefined();
  });

  it('drops the oldest frames in real time', async () => {
    const { frames, clock } = await openSource({
      source: join(folder, 'ramp.mkv'),
      realtime: true,
      queue: 1,
    });
    expect(clock).toBeUndefined();
    const seen = await drain(frames, 300);
    expect(frames.dropped).toBeGreaterThan(5);
    expect(seen.length + frames.dropped).toBe(40);
  });

  it('says what is wrong with a file that is no video, and with a stream that nobody serves', async () => {
    const text = join(folder, 'text.mp4');
    writeFileSync(text, 'no video at all');
    await expect(openSource({ source: text })).rejects.toThrow(
      /text\.mp4: received a file that ffmpeg refuses \(.+\), expected a video\.$/,
    );
    const { frames } = await openSource({ source: 'rtsp://me:secret@127.0.0.1:1/a' });
    const refused = frames.next();
    await expect(refused).rejects.toThrow(
      /^rtsp:\/\/\*\*\*@127\.0\.0\.1:1\/a: received no frame \(.+\), expected frames from ffmpeg\.$/,
    );
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  it('refuses a file with sound only', async () => {
    const sound = makeVideo(
      join(folder, 'sound.mkv'),
      '-f',
      'lavfi',
      '-i',
      'sine=duration=0.2',
      '-c:a',
      'flac',
    );
    await expect(openSource({ source: sound })).rejects.toThrow(
      `${sound}: received a file without video, expected a video.`,
    );
  });

  it('follows a stream whose frames change their size, and a picture folder takes them', async () => {
    // A stand-in for ffmpeg: one pixel, then two.
    const script = join(folder, 'sizes.sh');
    writeFileSync(script, "#!/bin/sh\nprintf 'P6\\n1 1\\n255\\nabcP6\\n2 1\\n255\\nabcdef'\n", {
      mode: 0o755,
    });
    const { frames } = await openSource({ source: 'rtsp://127.0.0.1:1/a', ffmpeg: script });
    const sink = openSink({ out: join(folder, 'sizes'), fps: undefined });
    const sizes: string[] = [];
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      sizes.push(`${frame.width}×${frame.height}, ${frame.pixels.length} bytes`);
      await sink.write(frame);
      frame.release();
    }
    expect(sizes).toEqual(['1×1, 3 bytes', '2×1, 6 bytes']);
    expect(readdirSync(join(folder, 'sizes'))).toEqual(['frame_000001.png', 'frame_000002.png']);
    await frames.close();
  });

  it('fails when the stream ends inside a frame', async () => {
    // A stand-in for ffmpeg that writes one picture and half of another, and ends as if all were well.
    const script = join(folder, 'half.sh');
    writeFileSync(script, "#!/bin/sh\nprintf 'P6\\n1 1\\n255\\nabcP6\\n1 1\\n255\\na'\n", { mode: 0o755 });
    const { frames } = await openSource({ source: 'rtsp://127.0.0.1:1/a', ffmpeg: script });
    expect((await frames.next())?.pixels).toEqual(Uint8Array.from([97, 98, 99]));
    await expect(frames.next()).rejects.toThrow(
      'rtsp://127.0.0.1:1/a: received the end inside a frame after 1 whole ones (exit code 0), expected frames from ffmpeg.',
    );
    await frames.close();
  });

  it('writes a video that reads back, of odd sizes too, and leaves nothing half done', async () => {
    const out = join(folder, 'written', 'seen.mkv');
    const sink = openSink({ out, fps: 10 });
    for (let i = 0; i < 12; i++) await sink.write(makeFrame(i, { width: 33, height: 21, fill: 20 * i }));
    await expect(sink.write(makeFrame(12, { width: 40, height: 21 }))).rejects.toThrow(
      `${out}: received a frame of 40×21 pixels after frames of 33×21, expected frames of one size in a video; ` +
        'annotate into a folder instead.',
    );
    await sink.close();
    const { frames, clock } = await openSource({ source: out });
    expect(clock).toBe(10);
    expect(await drain(frames)).toHaveLength(12);
    const none = openSink({ out: join(folder, 'bad.webm'), fps: -1 });
    await expect(none.write(makeFrame(0)).then(() => none.close())).rejects.toThrow(
      'from ffmpeg, expected a video',
    );
  });
});
