/** The audit of the real FER2013 (see fer2013.test.ts): counts that are known, and what near copies are like. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faultsOf, type DataAudit } from '../../src/data/data-audit.js';
import { groupsOf } from '../../src/data/duplicates.js';
import { defaultClasses, type ImageSet } from '../../src/data/images.js';
import { nearGroupsOf } from '../../src/data/near-duplicates.js';
import { splitFold } from '../../src/data/split.js';
import { auditData, type AuditedData } from '../../src/jobs/audit-job.js';
import { writeAudit, writeCleanList } from '../../src/jobs/audit-write.js';
import { readExcluded } from '../../src/jobs/exclude.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const data = process.env['MIEN_FER2013'] ?? '';

describe('audit of FER2013', () => {
  let audited: AuditedData;
  let audit: DataAudit;
  let train: ImageSet;
  let seconds = 0;

  beforeAll(async () => {
    if (data === '') throw new Error('Set MIEN_FER2013 to the folder that holds train/ and test/.');
    const start = performance.now();
    audited = await auditData({ data, cacheDir: join(folder, 'cache') });
    seconds = (performance.now() - start) / 1000;
    audit = audited.audit;
    train = audited.sets.train!;
  }, 900_000);

  /** PublicTest alone where the folder has both halves. */
  const publicTest = ({ name }: { readonly name: string }) => name.includes('/PublicTest_');

  it('counts exact copies, contradictions, constant pictures and leaks as they are known', () => {
    expect(audit.train?.images).toBe(28709);
    expect(audit.train?.surplusCopies).toBe(1236);
    expect(audit.train?.conflictingGroups).toHaveLength(39);
    const constant = [audit.train, audit.test].flatMap((split) => split?.constantImages ?? []);
    expect(constant.filter((image) => !image.name.includes('/PrivateTest_'))).toHaveLength(12);
    const leaked = audit.leaked!.list.filter(publicTest);
    expect(leaked).toHaveLength(280);
    expect(leaked.filter((image) => defaultClasses.includes(image.class))).toHaveLength(206);
  });

  it('finds near copies that exact comparison misses, a seventh of them across the splits', () => {
    const { near } = audit;
    expect(near.groups.length).toBeGreaterThan(800);
    expect(near.leaked.filter(publicTest).length).toBeGreaterThan(150);
    const exact = new Set(audit.leaked!.list.map(({ name }) => name));
    expect(near.leaked.filter(({ name }) => exact.has(name))).toEqual([]);
    // Nothing runs together into one large heap of faces.
    expect(Math.max(...near.groups.map(({ images }) => images.length))).toBeLessThan(60);
  });

  it('takes minutes at most, though all pairs would be half a billion', () => {
    console.log(
      `audit of ${audit.train!.images + audit.test!.images} pictures: ${seconds.toFixed(1)} s with decoding`,
    );
    expect(seconds).toBeLessThan(600);
  });

  it('writes a report without FER2013 elsewhere, and a list that training reads', async () => {
    const files = await writeAudit(join(folder, 'out'), audited);
    const html = readFileSync(files.html, 'utf8');
    expect(html.length).toBeLessThan(4_000_000);
    expect(html.match(/src="(?!data:image\/jpeg;base64,)/g)).toBeNull();
    expect((JSON.parse(readFileSync(files.json, 'utf8')) as DataAudit).near.groups).toHaveLength(
      audit.near.groups.length,
    );
    const list = join(folder, 'clean.txt');
    const count = writeCleanList(list, audited, ['copy', 'conflict', 'constant']);
    const wanted = ['copy', 'conflict', 'constant'];
    const faults = [...faultsOf(audit).values()].filter((reasons) =>
      reasons.some((reason) => wanted.includes(reason)),
    );
    expect(count).toBe(faults.length);
    expect(readExcluded(list, train, data).images).toHaveLength(count);
  });

  it('keeps near copies in one fold', () => {
    const groups = nearGroupsOf(train);
    const { validation } = splitFold(train, { part: 1, of: 5, seed: 1, groups });
    const held = new Set(validation);
    const inside = new Set(validation.map((image) => groups[image]));
    expect([...train.names.keys()].filter((image) => !held.has(image) && inside.has(groups[image]))).toEqual(
      [],
    );
    expect(Math.abs(validation.length - 28709 / 5)).toBeLessThan(30);
    expect(new Set(groups).size).toBeLessThan(new Set(groupsOf(train)).size - 800);
  });
});
