import {
  shortNames,
  valueText,
  type SweepParameter,
  type SweepResult,
  type SweepRow,
} from '../sweep/result.js';
import { frame, tickLabel, type Box } from './frame.js';
import { fineLogScale, linearScale, niceDomain, tickLabels } from './scale.js';
import { line, path, rect, text } from './svg.js';
import { fitText, textWidth } from './text-width.js';
import { blues, chartWidth, colours, sizes } from './theme.js';

const box: Box = { x: 104, y: 140, width: chartWidth - 104 - 96, height: 340 };
const bottom = box.y + box.height;
const METHODS = { grid: 'grid', random: 'random draws', asha: 'successive halving' } as const;
/** Values of a choice that are written beside the axis at most. */
const LABELS = 12;

interface Axis {
  readonly title: string;
  readonly x: number;
  /** Height of a row's value; null where the row has none. */
  readonly at: (row: SweepRow) => number | null;
  readonly ticks: readonly (readonly [y: number, label: string])[];
}

/**
 * A sweep as parallel coordinates: an axis for each parameter, the metric on the right, a line for each setting. Dark
 * lines are good ones, the best is orange; settings without a figure are dashed and end before the last axis.
 *
 * @example renderPng(parallelCoordinatesChart(result));
 */
export function parallelCoordinatesChart(result: SweepResult): string {
  const axes = axesOf(result);
  const means = result.rows.flatMap(({ mean }) => (mean === null ? [] : [mean]));
  // The best row is drawn last, on top of all others.
  const rows = [...result.rows].reverse();
  return frame(
    { title: 'Settings and what they reached', subtitle: subtitleOf(result), height: bottom + 60 },
    ...rows.map((row) => lineOf(row, axes, shareOf(row, means, result), row === result.rows[0])),
    ...axes.map((axis) => axisMarks(axis, box.width / Math.max(1, axes.length - 1))),
    key(),
  );
}

function axesOf({ parameters, rows, metric }: SweepResult): Axis[] {
  const names = shortNames(parameters.map(({ path: name }) => name));
  const x = (i: number) => box.x + (box.width * i) / Math.max(1, parameters.length);
  const axes = parameters.map((parameter, i) => parameterAxis(parameter, rows, names[i] ?? '', x(i)));
  return [...axes, metricAxis(metric, rows, x(parameters.length))];
}

function parameterAxis(
  { path: name, scale }: SweepParameter,
  rows: readonly SweepRow[],
  title: string,
  x: number,
): Axis {
  const values = rows.map((row) => row.values[name]);
  const numbers = values.filter((value) => typeof value === 'number');
  if (scale === 'choice' || numbers.length < values.length) return choiceAxis(name, values, title, x);
  const along =
    scale === 'log' ? fineLogScale(numbers, bottom, box.y) : linearScale(niceDomain(numbers), bottom, box.y);
  const label = scale === 'log' ? valueText : tickLabels(along.ticks);
  return {
    ...{ title, x },
    at: (row) => along.at(Number(row.values[name])),
    ticks: along.ticks.map((tick) => [along.at(tick), label(tick)] as const),
  };
}

/** Values one above the other: numbers by size, others as they come. */
function choiceAxis(name: string, values: readonly unknown[], title: string, x: number): Axis {
  const labels = [...new Set(values.map(valueText))];
  if (values.every((value) => typeof value === 'number')) labels.sort((a, b) => Number(a) - Number(b));
  const y = (label: string) => {
    const place = labels.length === 1 ? 0.5 : labels.indexOf(label) / (labels.length - 1);
    return bottom - place * box.height;
  };
  const step = Math.ceil(labels.length / LABELS);
  return {
    ...{ title, x },
    at: (row) => y(valueText(row.values[name])),
    ticks: labels.filter((_, i) => i % step === 0).map((label) => [y(label), label] as const),
  };
}

/** The better end is at the top, also of a loss. */
function metricAxis(metric: SweepResult['metric'], rows: readonly SweepRow[], x: number): Axis {
  const domain = niceDomain(
    rows.flatMap(({ mean }) => (mean === null ? [] : [mean])),
    0.01,
  );
  const [low, high] = metric === 'valLoss' ? [box.y, bottom] : [bottom, box.y];
  const along = linearScale(domain, low, high);
  const label = tickLabels(along.ticks);
  return {
    ...{ title: metric, x },
    at: ({ mean }) => (mean === null ? null : along.at(mean)),
    ticks: along.ticks.map((tick) => [along.at(tick), label(tick)] as const),
  };
}

/** 0 for the worst, 1 for the best. */
function shareOf({ mean }: SweepRow, means: readonly number[], { metric }: SweepResult): number {
  const [low, high] = [Math.min(...means), Math.max(...means)];
  if (mean === null || high === low) return 0.5;
  const share = (mean - low) / (high - low);
  return metric === 'valLoss' ? 1 - share : share;
}

function lineOf(row: SweepRow, axes: readonly Axis[], share: number, best: boolean): string {
  const points = axes.map((axis) => {
    const y = axis.at(row);
    return y === null ? null : ([axis.x, y] as const);
  });
  const dashes = row.mean === null ? { 'stroke-dasharray': '4 4' } : {};
  const shown = best && row.mean !== null;
  const stroke = shown ? colours.validation : row.mean === null ? colours.faint : blues(0.25 + 0.75 * share);
  return path(points, {
    stroke,
    'stroke-width': shown ? 3 : 1.5,
    'stroke-opacity': shown ? 1 : 0.8,
    ...dashes,
  });
}

function axisMarks({ title, x, ticks }: Axis, spacing: number): string {
  const room = Math.min(spacing - 8, 2 * Math.min(x - 8, chartWidth - x - 8));
  // The last part of a path says more than its cut beginning.
  const whole = textWidth(title, sizes.tick, true) <= room;
  const name = fitText(whole ? title : (title.split('.').at(-1) ?? title), sizes.tick, room, true);
  const marks = ticks.map(([y, label]) => {
    const shown = fitText(label, sizes.tick, Math.min(spacing * 0.5, 88));
    const width = 8 + shown.length * sizes.tick * 0.62;
    // A plate behind the label, so that lines do not run through it.
    const plate = rect(x - 6 - width, y - 9, width, 18, { fill: colours.background, 'fill-opacity': 0.8 });
    return (
      plate +
      tickLabel(x - 9, y + sizes.tick * 0.36, shown, 'end') +
      line(x - 4, y, x, y, { stroke: colours.axis })
    );
  });
  const heading = { 'text-anchor': 'middle', 'font-size': sizes.tick, 'font-weight': 'bold' };
  return (
    line(x, box.y, x, bottom, { stroke: colours.axis, 'stroke-width': 1.5 }) +
    marks.join('') +
    text(x, box.y - 18, name, heading)
  );
}

function key(): string {
  const y = bottom + 34;
  const label = { 'font-size': sizes.tick, fill: colours.muted };
  const swatch = (x: number, stroke: string, width: number) =>
    line(x, y - 4, x + 26, y - 4, { stroke, 'stroke-width': width });
  return (
    swatch(box.x, colours.validation, 3) +
    text(box.x + 34, y, 'best', label) +
    [0.25, 0.6, 1].map((share, i) => swatch(box.x + 90 + i * 27, blues(share), 3)).join('') +
    text(box.x + 180, y, 'worst to best', label)
  );
}

function subtitleOf({ method, recipe, net, rows, drawn, rungs }: SweepResult): string {
  const parts = [
    `${drawn ? 'drawn faces, ' : ''}recipe ${recipe}, ${net}`,
    `${rows.length} settings by ${METHODS[method]}`,
    ...(rungs.length > 1 ? [`rungs at ${rungs.join(', ')} epochs`] : []),
  ];
  return parts.join('  ·  ');
}
