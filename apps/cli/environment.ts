import { basename, relative } from 'node:path';

import envPaths from 'env-paths';

/** The per-user folder of decoded pictures and downloaded weights. */
export function defaultCacheDir(): string {
  return envPaths('mien', { suffix: '' }).cache;
}

/** MIEN_FAST=0 turns the fast kernels off. */
export function fastKernels(): boolean {
  return process.env['MIEN_FAST'] !== '0';
}

/** MIEN_TOKEN: what clients of `mien serve` must send. */
export function serverToken(): string | undefined {
  const token = process.env['MIEN_TOKEN'];
  return token === '' ? undefined : token;
}

/** What a person types to run this program: `mien`, or Node and the script in a checkout. */
export function invocation(): string {
  const script = process.argv[1] ?? 'mien';
  if (/^mien(\.\w+)?$/.test(basename(script))) return 'mien';
  return `node ${relative(process.cwd(), script)}`;
}
