import type { Box } from './frame.js';
import { textWidth } from './text-width.js';

/** A mark that wants its name beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly content: string;
}

/** Where a text goes; y is the baseline. */
export interface PlacedLabel extends Labelled {
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Distance of a text from its mark. */
const GAP = 12;

/**
 * Finds each label a place beside its mark where it covers neither a mark nor another label: right, left,
 * above, below, then higher and lower on the right. A label for which none is free goes to the right.
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
    const candidates = placesOf(mark, size);
    const free = ({ box }: Place) => inside(box, room) && !covered.some((other) => overlap(box, other));
    const place = candidates.find(free) ?? candidates[0];
    if (place === undefined) return { ...mark, anchor: 'start' };
    covered.push(place.box);
    return { content: mark.content, ...place.label };
  });
}

interface Place {
  readonly label: Omit<PlacedLabel, 'content'>;
  readonly box: Box;
}

function placesOf({ x, y, content }: Labelled, size: number): Place[] {
  const width = textWidth(content, size);
  const at = (anchor: PlacedLabel['anchor'], dx: number, dy: number): Place => {
    const left = { start: 0, middle: width / 2, end: width }[anchor];
    const baseline = y + dy + size * 0.36;
    const box = { x: x + dx - left, y: baseline - size, width, height: size * 1.3 };
    return { label: { x: x + dx, y: baseline, anchor }, box };
  };
  const sides = [0, -size, size, -2 * size, 2 * size].flatMap((dy) => [
    at('start', GAP, dy),
    at('end', -GAP, dy),
  ]);
  const [right, left, ...further] = sides;
  const near = [right, left].filter((place) => place !== undefined);
  return [...near, at('middle', 0, -GAP - size), at('middle', 0, GAP + size), ...further];
}

function inside(box: Box, room: Box): boolean {
  return (
    box.x >= room.x &&
    box.y >= room.y &&
    box.x + box.width <= room.x + room.width &&
    box.y + box.height <= room.y + room.height
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
