import { describe, expect, it } from 'vitest';

import { auditExact } from '../../data/audit.js';
import { auditNear, joinSets } from '../../data/audit-near.js';
import { auditQuality } from '../../data/audit-quality.js';
import { cleanListOf, defaultCleanReasons, faultsOf, type DataAudit } from '../../data/data-audit.js';
import { drawFaces } from '../../data/draw/draw.js';
import { type ImageSet, pixelsAt, subset } from '../../data/images.js';
import { auditHtml } from './html.js';
import { auditSections } from './sections.js';
import { formatDataAudit } from './text.js';

const faces = drawFaces({ classes: ['happy', 'sad'], perClass: 20, seed: 3 });

/** Train: 40 faces, an exact copy under another label, a darker copy, text. Test: a copy, a near copy, a new face. */
function data(): { train: ImageSet; test: ImageSet } {
  const train = subset(faces, [...faces.names.keys(), 5, 6, 7]);
  const names = [...faces.names, 'train/sad/copy.png', 'train/happy/dark.png', 'train/happy/<text>.png'];
  train.labels[40] = 1;
  const darker = (pixels: Uint8Array) => pixels.map((value) => 10 + value * 0.7);
  pixelsAt(train, 41).set(darker(pixelsAt(faces, 6)));
  pixelsAt(train, 42).set(pixelsAt(faces, 7).map((_, i) => (i % 11 < 2 && i % 480 < 150 ? 0 : 255)));
  const test = subset(faces, [8, 9, 0]);
  pixelsAt(test, 1).set(darker(pixelsAt(faces, 9)));
  pixelsAt(test, 2).set(pixelsAt(drawFaces({ classes: ['happy'], perClass: 1, seed: 99 }), 0));
  return {
    train: { ...train, names },
    test: { ...test, names: ['a', 'b', 'c'].map((n) => `test/happy/${n}.png`) },
  };
}

const sets = data();
const joined = joinSets(sets);
const audit: DataAudit = {
  ...auditExact(sets),
  ...{ data: 'faces & <friends>', classes: faces.classes, size: 48, drawn: true },
  near: auditNear(joined),
  quality: auditQuality(joined),
  notFaces: [{ name: 'train/happy/<text>.png', class: 'happy', votes: [9, 10] }],
  labels: {
    ...{
      runs: ['runs/a'],
      classes: faces.classes,
      covered: 8,
      of: 43,
      noise: 0.125,
      notes: ['Started from “mien”.'],
    },
    joint: [
      [0.5, 0],
      [0.125, 0.375],
    ],
    errors: [{ name: faces.names[30]!, class: 'sad', suggested: 'happy', margin: 0.7, voted: 'happy' }],
    votes: { known: 1, suggestion: 1, label: 0 },
  },
};

describe('auditNear', () => {
  it('finds near copies within and across splits', () => {
    const { groups, leaked, pairs, conflictingGroups } = audit.near;
    expect(groups.map(({ images }) => images.map(({ name }) => name)).sort()).toEqual([
      [faces.names[6], 'train/happy/dark.png'],
      [faces.names[9], 'test/happy/b.png'],
    ]);
    expect([pairs, conflictingGroups, leaked.map(({ name }) => name)]).toEqual([2, 0, ['test/happy/b.png']]);
  });
});

describe('auditQuality', () => {
  it('suspects text, and no drawn face', () => {
    expect(audit.quality.suspects).toEqual([
      { name: 'train/happy/<text>.png', class: 'happy', split: 'train', rule: 'two-tone' },
    ]);
    expect(audit.quality.sharpness).toEqual([...audit.quality.sharpness].sort((a, b) => a - b));
  });
});

describe('faultsOf', () => {
  it('gives every training picture all of its reasons', () => {
    expect(Object.fromEntries(faultsOf(audit))).toEqual({
      'train/sad/copy.png': ['copy', 'conflict'],
      [faces.names[5]!]: ['conflict'],
      'train/happy/<text>.png': ['not-a-face'],
      [faces.names[30]!]: ['label-error'],
      [faces.names[8]!]: ['leaked'],
      'train/happy/dark.png': ['near-copy'],
      [faces.names[9]!]: ['near-leaked'],
    });
  });

  it('chooses by reason', () => {
    expect([...cleanListOf(audit, ['copy'])]).toEqual([['train/sad/copy.png', ['copy']]]);
    expect([...cleanListOf(audit, defaultCleanReasons).keys()].sort()).toEqual(
      ['train/sad/copy.png', faces.names[5]!, 'train/happy/<text>.png', faces.names[30]!].sort(),
    );
  });
});

describe('formatDataAudit', () => {
  it('says everything in a few lines', () => {
    const text = formatDataAudit(audit);
    for (const line of [
      'leaked: 1 test picture is an exact copy of training pictures, 0 of them under another label',
      'near copies: 2 groups of 4 pictures, 0 with different labels; 1 test pictures have a near copy in train and no exact one',
      'no face: 1 training pictures by votes, 1 suspected by rules of thumb',
      'labels: 1 probably wrong of 8 pictures that the run held out (43 in all); estimated noise 12.5 %',
      'votes: of 1 of these with a majority, 100 % voted for the suggestion, 0 % for the label',
      'conflict     2  an exact copy of a picture with another label',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('auditHtml', () => {
  const picture = 'data:image/jpeg;base64,AAAA';
  const thumbnails = new Map([['train/happy/<text>.png', picture]]);
  const html = auditHtml(audit, auditSections(audit), thumbnails);

  it('loads nothing and runs nothing', () => {
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/https?:|<script|<link|url\(|@import|\son\w+=/);
    expect([...html.matchAll(/src="([^"]*)"/g)].every(([, source]) => source === picture)).toBe(true);
  });

  it('escapes names and titles', () => {
    expect(html).toContain('<title>Audit of faces &amp; &lt;friends&gt;</title>');
    expect(html).toContain('title="train/happy/&lt;text&gt;.png"');
    expect(html).not.toContain('<text>');
  });

  it('shows pictures, marks those whose labels differ, and says that they are drawn', () => {
    expect(html).toContain('sad → happy 0.70 (votes: happy)');
    expect(html).toContain('<figcaption class="conflict">sad</figcaption>');
    expect(html).toContain('drawn faces, no photographs');
    expect(html).toContain('happy (test)');
  });

  it('tells classes apart whose names begin alike', () => {
    const figure = (label: string) => ({ name: `train/${label}/1.png`, label, caption: label });
    const rows = [[figure('very happy'), figure('very sad')]];
    const sections = [{ id: 'near', title: 'Near copies', lines: [], rows, of: 1 }];
    expect(auditHtml(audit, sections, thumbnails)).toContain('<figcaption class="conflict">very sad<');
  });

  it('is well formed', () => {
    const open: string[] = [];
    for (const [, closing, name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (['meta', 'img'].includes(name)) continue;
      if (closing === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});
