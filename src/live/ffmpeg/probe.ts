import { InputError } from '../../core/errors.js';
import { lastLine, startFfmpeg } from './process.js';

/** What ffprobe says about a file. */
export interface VideoFacts {
  /** Frames per second. */
  readonly fps: number;
}

/** ffprobe stands beside ffmpeg. */
export function probeProgram(ffmpeg: string): string {
  return ffmpeg.replace(/ffmpeg(\.exe)?$/i, 'ffprobe$1');
}

/** Asks for the first video stream of a file. @throws InputError when there is none or ffprobe is missing */
export async function probeVideo(ffmpeg: string, path: string): Promise<VideoFacts> {
  const process = startFfmpeg(probeProgram(ffmpeg), [
    ...['-v', 'error', '-select_streams', 'v:0', '-of', 'json'],
    ...['-show_entries', 'stream=avg_frame_rate,r_frame_rate', `file:${path}`],
  ]);
  process.stdin.end();
  let text = '';
  process.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const end = await process.ended;
  if (end.code !== 0) throw noVideo(path, `a file that ffmpeg refuses (${lastLine(end)})`);
  const fps = rateOf(text);
  if (fps === undefined) throw noVideo(path, 'a file without video');
  return { fps };
}

function noVideo(path: string, received: string): InputError {
  return new InputError({ where: path, received, expected: 'a video' });
}

interface ProbeAnswer {
  readonly streams?: readonly { readonly avg_frame_rate?: string; readonly r_frame_rate?: string }[];
}

function rateOf(json: string): number | undefined {
  const { streams = [] } = JSON.parse(json) as ProbeAnswer;
  const [stream] = streams;
  if (stream === undefined) return undefined;
  return ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate) ?? 25;
}

/** `30000/1001` as a number; undefined for `0/0`, which stands for unknown. */
function ratio(text = ''): number | undefined {
  const [above = NaN, below = 1] = text.split('/').map(Number);
  const value = above / below;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
