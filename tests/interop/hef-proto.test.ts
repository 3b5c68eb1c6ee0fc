/**
 * The tables in src/export/hailo/hef/schema against the schema that Hailo publishes, field by field.
 * MIEN_HEF_PROTO names hailort/libhailort/hef.proto of a copy of github.com/hailo-ai/hailort (tag v5.2.0); the
 * file is not part of this repository, so that this runs by hand only.
 */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { ENUMS, fieldsOf, MESSAGES, type MessageName } from '../../src/export/hailo/hef/schema/index.js';

const path = process.env['MIEN_HEF_PROTO'];

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly body: string;
}

/** Messages and enumerations; none of them is nested, and `oneof` only groups fields. */
function blocksOf(proto: string): Block[] {
  const text = proto.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '');
  const flat = text.replace(/oneof\s+\w+\s*\{([^}]*)\}/g, '$1');
  return [...flat.matchAll(/\b(message|enum)\s+(\w+)\s*\{([^}]*)\}/g)].map(([, kind, name, body]) => ({
    ...{ kind: kind ?? '', name: (name ?? '').replace(/^ProtoH(EF|ef)/, ''), body: body ?? '' },
  }));
}

function fieldRows(body: string): string[] {
  const rows = body.matchAll(/(repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*;/g);
  return [...rows].map(([, label, type, name, number]) => {
    const repeated = label?.startsWith('repeated') === true ? ' repeated' : '';
    return `${Number(number)} ${name ?? ''} ${(type ?? '').replace(/^ProtoH(EF|ef)/, '')}${repeated}`;
  });
}

function valueRows(body: string): [number: number, name: string][] {
  return [...body.matchAll(/(\w+)\s*=\s*(\w+)\s*;/g)].map(([, name, value]) => [Number(value), name ?? '']);
}

describe('the HEF schema against the published hef.proto', () => {
  const blocks = path === undefined ? [] : blocksOf(readFileSync(path, 'utf8'));
  const messages = blocks.filter(({ kind }) => kind === 'message');
  const enums = blocks.filter(({ kind }) => kind === 'enum');

  it('has the published messages and enumerations, no more and no fewer', () => {
    expect(Object.keys(MESSAGES).sort()).toEqual(messages.map(({ name }) => name).sort());
    expect(Object.keys(ENUMS).sort()).toEqual(enums.map(({ name }) => name).sort());
  });

  it('has every field with its number, name, type and repetition', () => {
    let fields = 0;
    for (const { name, body } of messages) {
      const rows = Object.entries(fieldsOf(name as MessageName)).map(
        ([number, [field, type, repeated]]) =>
          `${number} ${field} ${type}${repeated === undefined ? '' : ' repeated'}`,
      );
      expect(rows.sort(), name).toEqual(fieldRows(body).sort());
      fields += rows.length;
    }
    console.log(`${messages.length} messages, ${fields} fields, ${enums.length} enumerations agree`);
  });

  it('has every value of the enumerations; only their common prefix is missing', () => {
    for (const { name, body } of enums) {
      const ours: Readonly<Record<number, string>> = ENUMS[name as keyof typeof ENUMS];
      const theirs = valueRows(body);
      expect(Object.keys(ours).map(Number).sort(), name).toEqual(theirs.map(([value]) => value).sort());
      const prefixes = theirs.map(([value, full]) => full.slice(0, full.length - (ours[value] ?? '').length));
      expect(new Set(prefixes).size, name).toBe(1);
      for (const [value, full] of theirs) expect(full.endsWith(ours[value] ?? '?'), full).toBe(true);
    }
  });
});
