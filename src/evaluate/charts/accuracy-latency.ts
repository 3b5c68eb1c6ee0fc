import { comparedFigures, type ComparedModel, type Comparison } from '../compare/comparison.js';
import type { Interval } from '../metrics.js';
import { groupDigits } from '../table.js';
import { frame, horizontalGrid, horizontalTitle, tickLabel, verticalTitle, type Box } from './frame.js';
import { placeLabels, type Labelled } from './labels.js';
import { fineLogScale, linearScale, niceDomain, tickLabels, type Scale } from './scale.js';
import { element, line, text } from './svg.js';
import { textWidth } from './text-width.js';
import { chartWidth, colours, sizes } from './theme.js';

const box: Box = { x: 112, y: 124, width: chartWidth - 112 - 48, height: 440 };
const bottom = box.y + box.height;

/** A model that can be drawn: both of its figures are known. */
interface Point {
  readonly name: string;
  /** Milliseconds. */
  readonly latency: number;
  readonly accuracy: number;
  readonly interval: Interval;
  readonly reference: number | null;
}

interface Axes {
  readonly across: Scale;
  readonly up: Scale;
}

/**
 * Accuracy with its 95 % interval against latency (median, one picture, logarithmic); better is up and left.
 * The reference's own accuracies stand, as diamonds, at the latency of the same net here, for nobody knows theirs.
 *
 * @example renderPng(accuracyLatencyChart(comparison));
 */
export function accuracyLatencyChart(comparison: Comparison): string {
  const points = comparison.models.flatMap((model) => pointOf(model, comparison.split));
  const axes = axesOf(points);
  return frame(
    { title: 'Accuracy against latency', subtitle: subtitleOf(comparison), height: bottom + 76 },
    key(points),
    horizontalGrid(box, axes.up.ticks, axes.up.at, tickLabels(axes.up.ticks)),
    verticalGrid(axes.across),
    ...points.map((point) => marksOf(point, axes)),
    labels(points, axes),
    verticalTitle(44, box.y + box.height / 2, `Accuracy on ${partOf(comparison)}`),
    horizontalTitle(box.x + box.width / 2, bottom + 48, 'Latency of one picture, median, in milliseconds'),
  );
}

function pointOf(model: ComparedModel, split: Comparison['split']): Point[] {
  const figures = comparedFigures(model, split);
  if (figures === null || model.latency === null) return [];
  const { accuracy, interval } = figures;
  const { name, latency, reference } = model;
  return [{ name, latency: latency.p50, accuracy, interval, reference }];
}

function axesOf(points: readonly Point[]): Axes {
  const shares = points.flatMap(({ interval, reference }) => [...interval, ...optional(reference)]);
  const latencies = points.map(({ latency }) => latency);
  const [low, high] = niceDomain(shares, 0.05);
  return {
    across: fineLogScale(latencies, box.x, box.x + box.width),
    up: linearScale([Math.max(0, low), Math.min(1, high)], bottom, box.y),
  };
}

function optional(value: number | null): number[] {
  return value === null ? [] : [value];
}

function partOf({ drawn, split }: Comparison): string {
  return `${drawn ? 'drawn ' : ''}${split ?? 'images'}`;
}

function subtitleOf(comparison: Comparison): string {
  const { models, split, machine } = comparison;
  const n = models[0] === undefined ? undefined : comparedFigures(models[0], split)?.n;
  const parts = [
    partOf(comparison),
    ...(n === undefined ? [] : [`${groupDigits(n)} images`]),
    `${machine.cpu}, ${machine.threads} ${machine.threads === 1 ? 'thread' : 'threads'}`,
  ];
  return parts.join('  ·  ');
}

/** What the marks mean, each kind only where there is one. */
function key(points: readonly Point[]): string {
  const y = 100;
  const here = 'Mien, with its 95 % interval';
  const label = { 'font-size': sizes.tick };
  const own = circle(box.x + 6, y - 4) + text(box.x + 20, y, here, label);
  if (!points.some(({ reference }) => reference !== null)) return own;
  const x = box.x + 20 + textWidth(here, sizes.tick) + 28;
  return own + diamond(x, y - 4) + text(x + 14, y, 'reference, at the latency measured here', label);
}

function verticalGrid(across: Scale): string {
  return across.ticks
    .map((tick) => {
      const x = across.at(tick);
      return (
        line(x, box.y, x, bottom, { stroke: colours.grid }) +
        tickLabel(x, bottom + 20, String(tick), 'middle')
      );
    })
    .join('');
}

function marksOf({ latency, accuracy, interval, reference }: Point, { across, up }: Axes): string {
  const x = across.at(latency);
  const [low, high] = interval.map(up.at);
  const stroke = { stroke: colours.training, 'stroke-width': 1.75, 'stroke-opacity': 0.8 };
  const caps = [low ?? 0, high ?? 0].map((y) => line(x - 5, y, x + 5, y, stroke)).join('');
  const whisker = line(x, low ?? 0, x, high ?? 0, stroke) + caps;
  return whisker + (reference === null ? '' : diamond(x, up.at(reference))) + circle(x, up.at(accuracy));
}

function circle(cx: number, cy: number): string {
  const edge = { stroke: colours.background, 'stroke-width': 1.5 };
  return element('circle', { cx, cy, r: 6, fill: colours.training, ...edge });
}

/** A hollow diamond, told from a circle by shape as well as by colour. */
function diamond(cx: number, cy: number): string {
  const d = `M${cx} ${cy - 7}L${cx + 7} ${cy}L${cx} ${cy + 7}L${cx - 7} ${cy}Z`;
  return element('path', { d, fill: colours.background, stroke: colours.validation, 'stroke-width': 2.25 });
}

function labels(points: readonly Point[], axes: Axes): string {
  const marks = points.flatMap((point) => namesOf(point, axes));
  const taken = points.flatMap((point) => boxesOf(point, axes));
  return placeLabels(marks, { taken, room: box, size: sizes.value })
    .map(({ x, y, content, anchor }) => {
      const halo = { stroke: colours.background, 'stroke-width': 4, 'stroke-linejoin': 'round' };
      const place = { 'text-anchor': anchor, 'font-size': sizes.value };
      return text(x, y, content, { ...place, ...halo }) + text(x, y, content, place);
    })
    .join('');
}

function namesOf({ name, latency, accuracy, interval, reference }: Point, { across, up }: Axes): Labelled[] {
  const x = across.at(latency);
  const [low, high] = interval;
  const extent = [up.at(high), up.at(low)] as const;
  const own = { x, y: up.at(accuracy), content: `${name} ${accuracy.toFixed(3)}`, extent };
  const theirs = (value: number) => ({ x, y: up.at(value), content: `reference ${value.toFixed(3)}` });
  return [own, ...optional(reference).map(theirs)];
}

/** What a point covers: its interval, its mark, the reference's mark. */
function boxesOf({ latency, interval, accuracy, reference }: Point, { across, up }: Axes): Box[] {
  const x = across.at(latency);
  const around = (y: number): Box => ({ x: x - 7, y: y - 7, width: 14, height: 14 });
  const [low, high] = interval;
  const whisker = { x: x - 5, y: up.at(high), width: 10, height: up.at(low) - up.at(high) };
  return [whisker, around(up.at(accuracy)), ...optional(reference).map((value) => around(up.at(value)))];
}
