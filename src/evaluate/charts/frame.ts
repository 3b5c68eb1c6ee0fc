import { element, line, rect, text } from './svg.js';
import { chartWidth, colours, fontFamily, sizes } from './theme.js';
import { fitText } from './text-width.js';

/** A rectangle in user units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Left edge of titles. */
export const margin = 32;

/** A whole SVG document: background, title, one line below it, and the body. */
export function frame(
  { title, subtitle, height }: { title: string; subtitle: string; height: number },
  ...body: readonly string[]
): string {
  const room = chartWidth - 2 * margin;
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: chartWidth,
    height,
    viewBox: `0 0 ${chartWidth} ${height}`,
    'font-family': fontFamily,
    fill: colours.ink,
  };
  return element(
    'svg',
    root,
    rect(0, 0, chartWidth, height, { fill: colours.background }),
    text(margin, 42, fitText(title, sizes.title, room, true), {
      'font-size': sizes.title,
      'font-weight': 'bold',
    }),
    text(margin, 66, fitText(subtitle, sizes.subtitle, room), {
      'font-size': sizes.subtitle,
      fill: colours.muted,
    }),
    ...body,
  );
}

/** The title of a vertical axis, read upwards, centred on `y`. */
export function verticalTitle(x: number, y: number, content: string): string {
  return text(x, y, content, {
    transform: `rotate(-90 ${x} ${y})`,
    'text-anchor': 'middle',
    'font-size': sizes.axis,
    fill: colours.muted,
  });
}

/** The title of a horizontal axis, centred on `x`. */
export function horizontalTitle(x: number, y: number, content: string): string {
  return text(x, y, content, { 'text-anchor': 'middle', 'font-size': sizes.axis, fill: colours.muted });
}

/** A label beside a tick. */
export function tickLabel(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return text(x, y, content, { 'text-anchor': anchor, 'font-size': sizes.tick, fill: colours.muted });
}

/** Horizontal grid lines with their labels on the left. */
export function horizontalGrid(
  box: Box,
  ticks: readonly number[],
  at: (value: number) => number,
  label: (value: number) => string,
): string {
  return ticks
    .map((tick) => {
      const y = at(tick);
      const grid = line(box.x, y, box.x + box.width, y, { stroke: colours.grid });
      return grid + tickLabel(box.x - 8, y + sizes.tick * 0.36, label(tick), 'end');
    })
    .join('');
}

/** Coloured squares with names, laid out to the right of `x`; `advance` is the room of one entry. */
export function legend(
  x: number,
  y: number,
  entries: readonly (readonly [colour: string, name: string])[],
  advance: number,
): string {
  return entries
    .map(([colour, name], index) => {
      const left = x + index * advance;
      const label = { 'font-size': sizes.tick, fill: colours.ink };
      return rect(left, y - 11, 12, 12, { fill: colour, rx: 2 }) + text(left + 18, y, name, label);
    })
    .join('');
}
