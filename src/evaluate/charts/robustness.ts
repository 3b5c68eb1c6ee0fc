import type { Robustness, RobustnessCurve, RobustnessPoint } from '../robustness/robustness.js';
import { groupDigits } from '../table.js';
import { frame, horizontalGrid, horizontalTitle, tickLabel, verticalTitle, type Box } from './frame.js';
import { linearScale, type Scale } from './scale.js';
import { element, line, path, rect, text } from './svg.js';
import { chartWidth, colours, sizes } from './theme.js';

const columns = 2;
const gap = 64;
const left = 96;
const width = (chartWidth - left - 40 - gap) / columns;
const panel = { top: 132, height: 190, advance: 286 };

/**
 * Accuracy against how far pictures were changed, a panel for each perturbation with evenly spaced severities:
 * 95 % intervals as bars, a ring on pictures as they are, dashed at the accuracy there.
 *
 * @example renderPng(robustnessChart(robustness));
 */
export function robustnessChart(robustness: Robustness): string {
  const rows = Math.ceil(robustness.curves.length / columns);
  const height = panel.top + rows * panel.advance + 6;
  return frame(
    { title: 'Robustness', subtitle: subtitleOf(robustness), height },
    key(robustness),
    ...robustness.curves.map((curve, index) => panelOf(curve, boxOf(index), robustness)),
  );
}

function boxOf(index: number): Box {
  const [row, column] = [Math.floor(index / columns), index % columns];
  return {
    x: left + column * (width + gap),
    y: panel.top + row * panel.advance,
    width,
    height: panel.height,
  };
}

function panelOf(curve: RobustnessCurve, box: Box, { clean, commonest }: Robustness): string {
  const up = linearScale([0, 1], box.y + box.height, box.y);
  const across = linearScale([-0.35, curve.points.length - 0.65], box.x, box.x + box.width);
  const level = (value: number, dashes: string, stroke: string) =>
    line(box.x, up.at(value), box.x + box.width, up.at(value), {
      ...{ stroke, 'stroke-width': 1.25, 'stroke-dasharray': dashes },
    });
  const first = box.x === left;
  return (
    horizontalGrid(box, up.ticks, up.at, (tick) => tick.toFixed(1)) +
    level(clean.accuracy, '6 5', colours.muted) +
    level(commonest, '2 4', colours.low) +
    line(box.x, box.y + box.height, box.x + box.width, box.y + box.height, { stroke: colours.axis }) +
    curve.points.map((point, i) => bar(point, across.at(i), up)).join('') +
    path(
      curve.points.map(({ accuracy }, i) => [across.at(i), up.at(accuracy)] as const),
      { stroke: colours.training, 'stroke-width': 2.25, 'stroke-linejoin': 'round' },
    ) +
    curve.points.map((point, i) => mark(point, across.at(i), up)).join('') +
    curve.points
      .map(({ label }, i) => tickLabel(across.at(i), box.y + box.height + 20, label, 'middle'))
      .join('') +
    horizontalTitle(box.x + box.width / 2, box.y + box.height + 46, curve.title) +
    (first ? verticalTitle(44, box.y + box.height / 2, 'Accuracy') : '')
  );
}

function bar({ interval: [lo, hi] }: RobustnessPoint, x: number, up: Scale): string {
  return rect(x - 5, up.at(hi), 10, up.at(lo) - up.at(hi), {
    fill: colours.training,
    'fill-opacity': 0.22,
    rx: 2,
  });
}

function mark({ value, accuracy }: RobustnessPoint, x: number, up: Scale): string {
  const place = { cx: x, cy: up.at(accuracy) };
  if (value !== null) return element('circle', { ...place, r: 3.25, fill: colours.training });
  const ring = { r: 5, fill: colours.background, stroke: colours.ink, 'stroke-width': 2 };
  return element('circle', { ...place, ...ring });
}

function key({ clean, commonest }: Robustness): string {
  const y = 100;
  const label = { 'font-size': sizes.tick, fill: colours.ink };
  const dashed = (x: number, dashes: string, stroke: string) =>
    line(x, y - 4, x + 26, y - 4, { stroke, 'stroke-width': 1.5, 'stroke-dasharray': dashes });
  return (
    element('circle', {
      ...{ cx: left + 6, cy: y - 4, r: 5, fill: colours.background, stroke: colours.ink, 'stroke-width': 2 },
    }) +
    text(left + 20, y, 'pictures as they are', label) +
    dashed(left + 186, '6 5', colours.muted) +
    text(left + 218, y, `their accuracy, ${clean.accuracy.toFixed(3)}`, label) +
    dashed(left + 408, '2 4', colours.low) +
    text(left + 440, y, `always the commonest class, ${commonest.toFixed(3)}`, label)
  );
}

function subtitleOf({ split, n, average, seed }: Robustness): string {
  const parts = [
    split,
    `${groupDigits(n)} ${n === 1 ? 'image' : 'images'}`,
    'bars: 95 % intervals',
    `seed ${seed}`,
    ...(average === 'none' ? [] : [`${average} averaging`]),
  ];
  return parts.join('  ·  ');
}
