import { describe, expect, it } from 'vitest';

import { ENUMS, enumName, fieldsOf, kindOf, MESSAGES, type MessageName } from './index.js';

const names = Object.keys(MESSAGES) as MessageName[];

describe('the schema', () => {
  it('has types that exist, and no name twice in a message', () => {
    for (const name of names) {
      const fields = Object.values(fieldsOf(name));
      for (const field of fields) expect(() => kindOf(field)).not.toThrow();
      expect(new Set(fields.map(([field]) => field)).size).toBe(fields.length);
    }
  });

  it('reaches every message from the top but the two that nothing uses', () => {
    const seen = new Set<string>();
    const visit = (name: MessageName) => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const field of Object.values(fieldsOf(name))) {
        const { message } = kindOf(field);
        if (message !== undefined) visit(message);
      }
    };
    visit('Hef');
    expect(names.filter((name) => !seen.has(name))).toEqual([
      'ActionSetDmaCompelte',
      'ActionWaitForDmaCompelte',
    ]);
  });

  it('names values of enumerations, and numbers that it does not know', () => {
    expect(enumName('HwArch', 3)).toBe('HAILO8L');
    expect(enumName('HwArch', 5)).toBe('unknown (5)');
    expect(Object.keys(ENUMS)).toHaveLength(13);
  });
});
