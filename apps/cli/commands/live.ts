import { InvalidArgumentError, type Command } from 'commander';

import {
  defaultSmoothing,
  fixedBox,
  hailo,
  InputError,
  litertNode,
  liveJob,
  openLiveDetector,
  ortNode,
  SHIPPED,
  wholeFrame,
  type FaceDetector,
  type LiveBackend,
} from '../../../src/node.js';
import { EXIT, type SetExit } from '../exit.js';
import { listenForInterrupt } from '../interrupt.js';
import { createLiveWriter } from '../live-writers.js';
import { choiceOption, MODELS, numberOf, wholeOf, withDebug, withRecords } from '../options.js';
import { endWithReader } from '../output.js';

interface LiveFlags {
  readonly source: string;
  readonly model: string;
  readonly backend: LiveBackend['kind'];
  readonly classes?: readonly string[];
  readonly preprocessing?: string;
  readonly detector: 'faces' | FaceDetector;
  readonly margin?: number;
  readonly smoothing: number;
  readonly hysteresis: number;
  readonly annotate?: string;
  readonly maxFrames?: number;
  readonly fps?: number;
  readonly realtime?: true;
  readonly queue?: number;
  readonly cameraSize?: string;
  readonly ffmpeg: string;
  readonly threads?: number;
  readonly hailort?: string;
  readonly hailoTimeout: number;
  readonly shareDevice?: true;
  readonly json?: true;
}

/** `mien live`. */
export function addLive(program: Command, setExit: SetExit): void {
  const command = program
    .command('live')
    .description('Recognize expressions in a camera, a video, a folder of pictures or a network stream.')
    .requiredOption(
      '--source <source>',
      'camera number (0), video file, folder of pictures, or rtsp://… (all but folders need ffmpeg)',
    )
    .option(
      '--model <model>',
      `${MODELS.layers}; tflite: also a .tflite file; hailo: a .hef file`,
      SHIPPED[0] ?? '',
    )
    .addOption(choiceOption('--backend <name>', 'engine', ['ort', 'tflite', 'hailo']).default('ort'));
  addWork(command);
  addOutput(command);
  addEngines(command);
  withDebug(command).action((flags: LiveFlags) => runCommand(flags, setExit));
}

function addWork(command: Command): void {
  withRecords(command)
    .option(
      '--detector <detector>',
      'faces (find and follow them), whole (the largest square in the middle) or box:x,y,width,height in pixels',
      detectorOf,
      'faces',
    )
    .option('--margin <share>', "margin about a detected face (default: the model's own)", numberOf)
    .option(
      '--smoothing <seconds>',
      'time after which an old answer counts for 37 %; 0: none',
      numberOf,
      defaultSmoothing.timeConstant,
    )
    .option(
      '--hysteresis <share>',
      'lead that another class needs to be shown',
      numberOf,
      defaultSmoothing.hysteresis,
    );
}

function addOutput(command: Command): void {
  command
    .option('--annotate <out>', 'video (.mp4, .mkv, .mov, .webm, .avi) or folder of PNG files to draw into')
    .option(
      '--json',
      'print one JSON line a frame and one at the end (default: text, when an answer changes)',
    )
    .option('--max-frames <n>', 'frames to look at (default: all)', wholeOf)
    .option(
      '--fps <rate>',
      'of a folder (25), to read a video at (its own), to ask of a camera (its own)',
      numberOf,
    )
    .option(
      '--realtime',
      'play files as they would be seen and drop frames that come too fast (default: off)',
    )
    .option('--queue <n>', 'frames that may wait (default: 4; live sources 2)', wholeOf)
    .option('--camera-size <size>', 'to ask of a camera, e.g. 640x480 (default: its own)', sizeOf)
    .option('--ffmpeg <program>', 'the program that reads and writes video', 'ffmpeg');
}

function addEngines(command: Command): void {
  command
    .option('--threads <n>', 'ort and finding faces: threads (default: all)', wholeOf)
    .option('--hailort <file>', "hailo: HailoRT's library (default: where the system finds it)")
    .option('--hailo-timeout <ms>', 'hailo: milliseconds that a frame may take', wholeOf, 10_000)
    .option(
      '--share-device',
      "hailo: share the device with other processes by HailoRT's service (default: off)",
    );
}

async function runCommand(flags: LiveFlags, setExit: SetExit): Promise<void> {
  endWithReader();
  const { json, smoothing: timeConstant, hysteresis, ...options } = flags;
  const backend = await backendOf(flags);
  const { detector: wanted, source, threads } = flags;
  const detector =
    wanted === 'faces'
      ? await openLiveDetector(source, ortNode(), threads === undefined ? {} : { threads })
      : wanted;
  const abort = new AbortController();
  const interrupt = listenForInterrupt(() => {
    process.stderr.write('mien: ending; press Ctrl-C again to quit at once\n');
    abort.abort();
  });
  const writer = createLiveWriter(json === true);
  try {
    const { summary, failure } = await liveJob({
      ...options,
      ...writer,
      backend,
      detector,
      smoothing: { timeConstant, hysteresis },
      signal: abort.signal,
    });
    await writer.end(summary);
    if (failure !== undefined) throw failure as Error;
    if (summary.ended === 'interrupted') setExit(EXIT.interrupted);
    if (summary.unreadable > 0) throw unread(summary.unreadable);
  } finally {
    interrupt.release();
  }
}

async function backendOf({ backend, threads, hailort, ...flags }: LiveFlags): Promise<LiveBackend> {
  if (backend === 'ort') return { kind: backend, runtime: ortNode(), threads };
  if (backend === 'tflite') return { kind: backend, runtime: litertNode() };
  const runtime = await hailo({
    ...(hailort === undefined ? {} : { library: hailort }),
    timeout: flags.hailoTimeout,
    share: flags.shareDevice === true,
  });
  return { kind: backend, runtime };
}

function detectorOf(text: string): LiveFlags['detector'] {
  if (text === 'faces') return text;
  if (text === 'whole') return wholeFrame();
  const numbers = /^box:(-?\d+),(-?\d+),(\d+),(\d+)$/.exec(text)?.slice(1).map(Number);
  const [x, y, width, height] = numbers ?? [];
  if (x !== undefined && y !== undefined && width !== undefined && height !== undefined) {
    return fixedBox({ x, y, width, height });
  }
  throw new InvalidArgumentError('None of "faces", "whole" and "box:x,y,width,height" in whole pixels.');
}

function sizeOf(text: string): string {
  if (/^\d+x\d+$/.test(text)) return text;
  throw new InvalidArgumentError('No size like 640x480.');
}

function unread(count: number): InputError {
  return new InputError({
    where: 'live',
    received: `${count} pictures that could not be read (named above)`,
    expected: 'pictures only',
  });
}
