import { join } from 'node:path';

import sharp from 'sharp';

import { writeFileAtomic } from '../core/files.js';
import type { CleanReason } from '../data/clean-list.js';
import { formatCleanList } from '../data/clean-list.js';
import { cleanListOf, defaultCleanReasons } from '../data/data-audit.js';
import { type ImageSet, imageAt } from '../data/images.js';
import { auditHtml } from '../evaluate/audit/html.js';
import { auditSections } from '../evaluate/audit/sections.js';
import type { AuditedData } from './audit-job.js';
import type { JobHooks } from './events.js';

/** Where {@link writeAudit} wrote. */
export interface AuditFiles {
  readonly html: string;
  readonly json: string;
}

/**
 * Writes an audit as `audit.json` and as `audit.html`, with small pictures inside.
 * @throws InputError when the folder cannot be written
 */
export async function writeAudit(
  out: string,
  { audit, sets }: AuditedData,
  hooks: JobHooks = {},
): Promise<AuditFiles> {
  const sections = auditSections(audit);
  const names = new Set(sections.flatMap(({ rows }) => rows.flat().map(({ name }) => name)));
  const thumbnails = await thumbnailsOf(names, Object.values(sets), hooks);
  const files = { html: join(out, 'audit.html'), json: join(out, 'audit.json') };
  writeFileAtomic(files.json, `${JSON.stringify(audit, null, 1)}\n`);
  writeFileAtomic(files.html, auditHtml(audit, sections, thumbnails));
  return files;
}

/**
 * Writes the training pictures that have one of some faults as a list for `mien train --exclude`.
 * @returns how many there are
 */
export function writeCleanList(
  path: string,
  { audit }: Pick<AuditedData, 'audit'>,
  reasons: readonly CleanReason[] = defaultCleanReasons,
): number {
  const list = cleanListOf(audit, reasons);
  writeFileAtomic(path, formatCleanList(list));
  return list.size;
}

async function thumbnailsOf(
  names: ReadonlySet<string>,
  sets: readonly ImageSet[],
  { onEvent }: JobHooks,
): Promise<Map<string, string>> {
  const thumbnails = new Map<string, string>();
  for (const set of sets) {
    for (const [image, name] of set.names.entries()) {
      if (!names.has(name)) continue;
      thumbnails.set(name, await dataUri(set, image));
      onEvent?.({
        kind: 'working',
        what: 'drawing small pictures',
        done: thumbnails.size,
        total: names.size,
      });
    }
  }
  return thumbnails;
}

async function dataUri(set: ImageSet, image: number): Promise<string> {
  const { pixels, ...raw } = imageAt(set, image);
  const jpeg = await sharp(pixels, { raw })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .resize({ width: 96, height: 96, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 85 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
