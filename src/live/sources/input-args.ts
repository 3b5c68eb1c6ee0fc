import { resolve } from 'node:path';

import { InputError } from '../../core/errors.js';
import type { SourceName } from './source-name.js';

/** What a camera is asked for. */
export interface CameraWish {
  /** `640x480`. */
  readonly size?: string | undefined;
  readonly fps?: number | undefined;
}

/** ffmpeg's arguments that open a source, up to and with `-i`. @throws InputError for a camera it cannot name */
export function inputArgs(
  source: Exclude<SourceName, { readonly kind: 'folder' }>,
  { size, fps }: CameraWish = {},
  platform: NodeJS.Platform = process.platform,
): string[] {
  // The prefix keeps names like "concat:a" or "-x" what they are: names of files.
  if (source.kind === 'file') return ['-i', `file:${resolve(source.path)}`];
  if (source.kind === 'stream') {
    const rtsp = /^rtsps?:/i.test(source.url) ? ['-rtsp_transport', 'tcp'] : [];
    return ['-fflags', 'nobuffer', ...rtsp, '-i', source.url];
  }
  const wishes = [
    ...(size === undefined ? [] : ['-video_size', size]),
    ...(fps === undefined ? [] : ['-framerate', String(fps)]),
  ];
  return [...cameraFormat(platform), ...wishes, '-i', cameraName(source.device, platform)];
}

function cameraFormat(platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['-f', 'avfoundation'];
  return platform === 'win32' ? ['-f', 'dshow'] : ['-f', 'v4l2'];
}

function cameraName(device: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return `${device}:none`;
  if (platform !== 'win32') return /^\d+$/.test(device) ? `/dev/video${device}` : device;
  if (device.startsWith('video=')) return device;
  throw new InputError({
    where: '--source',
    received: `the camera "${device}"`,
    expected: 'its name on Windows, e.g. "video=Integrated Camera"',
    remedy: 'list them with: ffmpeg -list_devices true -f dshow -i dummy',
  });
}
