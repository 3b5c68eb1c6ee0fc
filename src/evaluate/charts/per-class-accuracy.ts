import { statusOf, statusThresholds, type Evaluation, type Status } from '../evaluation.js';
import { groupDigits } from '../table.js';
import { wilsonInterval, type ClassMetrics } from '../metrics.js';
import { frame, horizontalTitle, legend, margin, tickLabel, type Box } from './frame.js';
import { linearScale, type Scale } from './scale.js';
import { subtitleOf } from './subtitle.js';
import { line, rect, text } from './svg.js';
import { fitText, textWidth } from './text-width.js';
import { chartWidth, colours, sizes } from './theme.js';

const labelRoom = 200;
const statusColours: Readonly<Record<Status, string>> = {
  OK: colours.ok,
  WARN: colours.warn,
  LOW: colours.low,
};

/**
 * The accuracy of each class as horizontal bars with 95 % Wilson intervals, lines at .80 and .70,
 * and the status in words, so that no colour has to be told apart.
 */
export function perClassAccuracyChart(evaluation: Evaluation): string {
  const { classes, perClass } = evaluation;
  const step = Math.max(22, Math.min(64, 620 / classes.length));
  const widest = Math.max(...classes.map((name) => textWidth(name, sizes.axis)), 60);
  const x = margin + Math.min(labelRoom, widest) + 14;
  const box: Box = { x, y: 128, width: chartWidth - x - 250, height: step * classes.length };
  const scale = linearScale([0, 1], box.x, box.x + box.width);
  const bottom = box.y + box.height;
  const rows = classes.map((name, index) => {
    const place: RowPlace = { box, scale, y: box.y + (index + 0.5) * step, step };
    return [place, name, perClass[name]] as const;
  });
  return frame(
    { title: 'Accuracy of each class', subtitle: subtitleOf(evaluation), height: bottom + 112 },
    grid(box, scale),
    ...rows.map(([place, name, metrics]) => bar(place, name, metrics)),
    threshold(box, scale, statusThresholds.WARN, colours.warn, '.70'),
    threshold(box, scale, statusThresholds.OK, colours.ok, '.80'),
    ...rows.map(([place, , metrics]) => figures(place, metrics)),
    head(box),
    horizontalTitle(box.x + box.width / 2, bottom + 48, 'Accuracy (recall) with its 95 % interval'),
    legend(box.x, bottom + 84, key, 130),
  );
}

const key = [
  [colours.ok, 'OK ≥ .80'],
  [colours.warn, 'WARN ≥ .70'],
  [colours.low, 'LOW'],
] as const;

interface RowPlace {
  readonly box: Box;
  readonly scale: Scale;
  /** Middle of the row. */
  readonly y: number;
  readonly step: number;
}

function bar({ box, scale, y, step }: RowPlace, name: string, metrics: ClassMetrics | undefined): string {
  const label = { 'text-anchor': 'end', 'font-size': sizes.axis };
  const left = text(box.x - 12, y + 5, fitText(name, sizes.axis, labelRoom), label);
  const accuracy = metrics?.accuracy ?? null;
  if (accuracy === null) {
    return left + text(box.x + 10, y + 5, 'no images', { 'font-size': sizes.tick, fill: colours.faint });
  }
  const height = barHeight(step);
  const fill = statusColours[statusOf(accuracy)];
  return left + rect(box.x, y - height / 2, scale.at(accuracy) - box.x, height, { fill, rx: 3 });
}

function barHeight(step: number): number {
  return Math.min(34, step * 0.62);
}

function whiskers({ scale, y, step }: RowPlace, accuracy: number, n: number): string {
  const [lo, hi] = wilsonInterval(Math.round(accuracy * n), n);
  const stroke = { stroke: colours.ink, 'stroke-width': 1.5, 'stroke-opacity': 0.75 };
  const cap = Math.min(5, barHeight(step) / 4);
  const ends = [scale.at(lo), scale.at(hi)].map((x) => line(x, y - cap, x, y + cap, stroke));
  return line(scale.at(lo), y, scale.at(hi), y, stroke) + ends.join('');
}

const columns = { value: 76, images: 150, status: 172 } as const;

function figures(place: RowPlace, metrics: ClassMetrics | undefined): string {
  const accuracy = metrics?.accuracy ?? null;
  if (metrics === undefined || accuracy === null) return '';
  const right = place.box.x + place.box.width;
  const y = place.y + 5;
  const end = { 'text-anchor': 'end', 'font-size': sizes.value };
  return (
    whiskers(place, accuracy, metrics.n) +
    text(right + columns.value, y, accuracy.toFixed(3), { ...end, 'font-weight': 'bold' }) +
    text(right + columns.images, y, groupDigits(metrics.n), { ...end, fill: colours.muted }) +
    text(right + columns.status, y, statusOf(accuracy), { 'font-size': sizes.value, fill: colours.ink })
  );
}

function head(box: Box): string {
  const right = box.x + box.width;
  const y = box.y - 12;
  return (
    tickLabel(right + columns.value, y, 'accuracy', 'end') +
    tickLabel(right + columns.images, y, 'images', 'end') +
    tickLabel(right + columns.status, y, 'status', 'start')
  );
}

function grid(box: Box, scale: Scale): string {
  const bottom = box.y + box.height;
  return scale.ticks
    .map((tick) => {
      const x = scale.at(tick);
      const stroke = tick === 0 ? colours.axis : colours.grid;
      return line(x, box.y, x, bottom, { stroke }) + tickLabel(x, bottom + 20, tick.toFixed(1), 'middle');
    })
    .join('');
}

function threshold(box: Box, scale: Scale, value: number, stroke: string, label: string): string {
  const x = scale.at(value);
  const dashes = { stroke, 'stroke-width': 2, 'stroke-dasharray': '6 4' };
  const halo = { stroke: colours.background, 'stroke-width': 4, 'stroke-opacity': 0.6 };
  const [top, bottom] = [box.y - 6, box.y + box.height];
  return (
    line(x, top, x, bottom, halo) +
    line(x, top, x, bottom, dashes) +
    tickLabel(x, box.y - 12, label, 'middle')
  );
}
