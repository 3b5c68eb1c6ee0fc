import { statSync } from 'node:fs';

import { InputError } from '../../core/errors.js';

/** What a person's `--source` means. */
export type SourceName =
  | { readonly kind: 'camera'; readonly device: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'stream'; readonly url: string };

/** Protocols whose senders do not wait for us. */
const STREAM = /^(rtsps?|rtmps?|srt|udp|rtp|tcp|https?):\/\//i;
const CAMERA = /^(\d+|\/dev\/video\d+|video=.+)$/;

/**
 * Tells cameras (`0`, `/dev/video1`, `video=NAME` on Windows), streams (`rtsp://…`), folders and files apart.
 * @throws InputError when it is nothing of these
 */
export function parseSource(text: string): SourceName {
  if (STREAM.test(text)) return { kind: 'stream', url: text };
  const found = statSync(text, { throwIfNoEntry: false });
  if (CAMERA.test(text) && found?.isDirectory() !== true) return { kind: 'camera', device: text };
  if (found?.isDirectory() === true) return { kind: 'folder', path: text };
  if (found?.isFile() === true) return { kind: 'file', path: text };
  throw new InputError({
    where: '--source',
    received: `"${redacted(text)}"`,
    expected: "a camera's number, a video, a folder of pictures or a stream like rtsp://host/path",
    remedy: 'check the path',
  });
}

/** A text without the passwords of the addresses in it. */
export function redacted(text: string): string {
  return text.replace(/(\w:\/\/)[^/@\s]+@/g, '$1***@');
}
