import type { Box } from './frame.js';
import { textWidth } from './text-width.js';

/** A mark that wants its name beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly content: string;
  /** Upper and lower end of what belongs to the mark, such as its interval; the mark itself by default. */
  readonly extent?: readonly [top: number, bottom: number];
}

/** Where a text goes; y is the baseline. */
export interface PlacedLabel extends Omit<Labelled, 'extent'> {
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Distance of a text from its mark. */
const GAP = 12;

/**
 * Finds each label a place where it covers neither a mark nor another label: right or left of its mark, above
 * or below it and its extent, then higher and lower at its sides. Where none is free, the one that covers least.
 *
 * @param taken boxes that no label may cover
 * @param room the box that holds all labels
 */
export function placeLabels(
  marks: readonly Labelled[],
  { taken, room, size }: { readonly taken: readonly Box[]; readonly room: Box; readonly size: number },
): PlacedLabel[] {
  const covered = [...taken];
  return marks.map((mark) => {
    const [first, ...others] = placesOf(mark, size).filter(({ box }) => inside(box, room));
    if (first === undefined) return { x: mark.x, y: mark.y, content: mark.content, anchor: 'start' };
    const cost = ({ box }: Place) => covered.reduce((sum, other) => sum + overlap(box, other), 0);
    // The earlier of two that cover the same amount.
    const best = others.reduce((least, place) => (cost(place) < cost(least) ? place : least), first);
    covered.push(best.box);
    return { content: mark.content, ...best.label };
  });
}

interface Place {
  readonly label: Omit<PlacedLabel, 'content'>;
  readonly box: Box;
}

function placesOf({ x, y, content, extent: [top, bottom] = [y, y] }: Labelled, size: number): Place[] {
  const width = textWidth(content, size);
  const at = (anchor: PlacedLabel['anchor'], dx: number, middle: number): Place => {
    const left = { start: 0, middle: width / 2, end: width }[anchor];
    const baseline = middle + size * 0.36;
    const box = { x: x + dx - left, y: baseline - size, width, height: size * 1.3 };
    return { label: { x: x + dx, y: baseline, anchor }, box };
  };
  const sides = (dy: number) => [at('start', GAP, y + dy), at('end', -GAP, y + dy)];
  const outside = [at('middle', 0, top - GAP), at('middle', 0, bottom + GAP)];
  return [...sides(0), ...outside, ...[-1.3, 1.3, -2.6, 2.6].flatMap((lines) => sides(lines * size))];
}

function inside(box: Box, room: Box): boolean {
  return (
    box.x >= room.x &&
    box.y >= room.y &&
    box.x + box.width <= room.x + room.width &&
    box.y + box.height <= room.y + room.height
  );
}

/** The area that two boxes share. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}
