import { spawnSync } from 'node:child_process';

/**
 * Whether ffmpeg is there. Tests that need it are left out without it, by name in the report; under CI they are not
 * left out, so a machine without ffmpeg fails there.
 */
export const withoutFfmpeg: boolean =
  process.env['CI'] === undefined && spawnSync('ffmpeg', ['-version']).status !== 0;

/** Makes a video with ffmpeg's own arguments. */
export function makeVideo(path: string, ...args: readonly string[]): string {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args, path]);
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return path;
}
