/** Advance of groups of characters of DejaVu Sans, in em; the rest counts as `usual`. */
const groups: readonly (readonly [string, number])[] = [
  ["iIjl|'.,:;!", 0.33],
  ['ft()[]-/ r', 0.41],
  ['mwMW@%—', 0.96],
];
const usual = 0.65;

/**
 * Approximate width of a text in DejaVu Sans, in user units: at most some percent too wide, so that what
 * fits by this measure fits in the picture. Scripts with full-width characters count 1 em each.
 */
export function textWidth(content: string, size: number, bold = false): number {
  const widths = Array.from(content, (character) => {
    if ((character.codePointAt(0) ?? 0) >= 0x2e80) return 1;
    return groups.find(([characters]) => characters.includes(character))?.[1] ?? usual;
  });
  return widths.reduce((sum, width) => sum + width, 0) * size * (bold ? 1.12 : 1);
}

/** Cuts a text to a width in user units, ending it by an ellipsis. */
export function fitText(content: string, size: number, width: number, bold = false): string {
  const characters = Array.from(content);
  let kept = characters.length;
  while (kept > 1 && textWidth(cut(characters, kept), size, bold) > width) kept--;
  return cut(characters, kept);
}

function cut(characters: readonly string[], kept: number): string {
  const head = characters.slice(0, kept).join('');
  return kept < characters.length ? `${head.trimEnd()}…` : head;
}
