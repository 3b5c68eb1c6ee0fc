import {
  frame,
  horizontalTitle,
  legend,
  tickLabel,
  verticalTitle,
  type Box,
  horizontalGrid,
} from './frame.js';
import { linearScale, logScale, niceDomain, tickLabels, type Scale } from './scale.js';
import { element, line, path, text } from './svg.js';
import { chartWidth, colours, sizes } from './theme.js';

/** One epoch of a run; null where nothing was measured. */
export interface CurvePoint {
  /** Counted from 1 through all stages. */
  readonly epoch: number;
  readonly stage: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly valLoss: number | null;
  readonly valAccuracy: number | null;
  /** Learning rate of the epoch's last step. */
  readonly lr: number;
}

type Series = readonly [colour: string, values: readonly (number | null)[]];

const x = 112;
const width = chartWidth - x - 40;
const panels = {
  loss: { x, y: 118, width, height: 210 },
  accuracy: { x, y: 372, width, height: 210 },
  lr: { x, y: 626, width, height: 100 },
} as const satisfies Record<string, Box>;
const bottom = panels.lr.y + panels.lr.height;

/**
 * Loss, accuracy and learning rate (logarithmic) against the epoch, training and validation; a dashed line
 * where a stage begins and a ring on the best validation accuracy.
 *
 * @example
 * renderPng(trainingCurvesChart(rows, 'fer2013, seed 1'));
 */
export function trainingCurvesChart(points: readonly CurvePoint[], subtitle = ''): string {
  const place = placeOf(points);
  const { across } = place;
  const training = colours.training;
  const validation = colours.validation;
  return frame(
    { title: 'Training', subtitle, height: bottom + 64 },
    legend(x + width - 210, 42, namesOf(points), 110),
    linearPanel(place, panels.loss, 'Loss', 0.1, [
      [training, points.map(({ loss }) => loss)],
      [validation, points.map(({ valLoss }) => valLoss)],
    ]),
    linearPanel(place, panels.accuracy, 'Accuracy', 0.1, [
      [training, points.map(({ accuracy }) => accuracy)],
      [validation, points.map(({ valAccuracy }) => valAccuracy)],
    ]),
    ratePanel(place, points),
    stageMarks(across, points),
    bestMark(across, points),
    epochAxis(place),
  );
}

/** A run that held nothing out has no validation curves to name. */
function namesOf(points: readonly CurvePoint[]): (readonly [string, string])[] {
  const validated = points.some(({ valLoss }) => valLoss !== null);
  const training = [colours.training, 'training'] as const;
  return validated ? [training, [colours.validation, 'validation']] : [training];
}

interface Place {
  readonly across: Scale;
  readonly epochs: readonly number[];
}

function placeOf(points: readonly CurvePoint[]): Place {
  const epochs = points.map(({ epoch }) => epoch);
  const [first, last] = [epochs[0] ?? 1, epochs.at(-1) ?? 1];
  const domain = first === last ? ([first - 1, last + 1] as const) : ([first, last] as const);
  return { across: linearScale(domain, x + 14, x + width - 14, 10), epochs };
}

function linearPanel(
  place: Place,
  box: Box,
  title: string,
  minSpan: number,
  series: readonly Series[],
): string {
  const scale = panelScale(box, minSpan, series);
  const grid = horizontalGrid(box, scale.ticks, scale.at, tickLabels(scale.ticks));
  const curves = series.map((one) => curve(place, scale, one));
  return grid + curves.join('') + verticalTitle(44, box.y + box.height / 2, title);
}

function panelScale(box: Box, minSpan: number, series: readonly Series[]): Scale {
  const values = series.flatMap(([, numbers]) => numbers.filter((value) => value !== null));
  return linearScale(niceDomain(values, minSpan), box.y + box.height, box.y);
}

function ratePanel(place: Place, points: readonly CurvePoint[]): string {
  const box = panels.lr;
  const rates = points.map(({ lr }) => (lr > 0 ? lr : null));
  const positive = rates.filter((lr) => lr !== null);
  const lowest = positive.length === 0 ? 1e-4 : Math.min(...positive);
  const highest = positive.length === 0 ? 1e-3 : Math.max(...positive);
  const scale = logScale([lowest, highest], box.y + box.height, box.y);
  const grid = horizontalGrid(box, scale.ticks, scale.at, (tick) => tick.toExponential(0).replace('+', ''));
  const drawn = curve(place, scale, [colours.muted, rates]);
  return grid + drawn + verticalTitle(44, box.y + box.height / 2, 'Learning rate');
}

function curve({ across, epochs }: Place, scale: Scale, [stroke, values]: Series): string {
  const points = values.map((value, index): [number, number] | null =>
    value === null || !Number.isFinite(value) ? null : [across.at(epochs[index] ?? 0), scale.at(value)],
  );
  const drawn = path(points, { stroke, 'stroke-width': 2.25, 'stroke-linejoin': 'round' });
  const dots = points.length > 40 ? points.filter((_, index) => lonely(points, index)) : points;
  return drawn + dots.map((point) => (point === null ? '' : dot(point, stroke))).join('');
}

/** A point without neighbours, which no line would show. */
function lonely(points: readonly unknown[], index: number): boolean {
  return (points[index - 1] ?? null) === null && (points[index + 1] ?? null) === null;
}

function dot([cx, cy]: readonly [number, number], fill: string): string {
  return element('circle', { cx, cy, r: 2.75, fill });
}

function stageMarks(across: Scale, points: readonly CurvePoint[]): string {
  const starts = points.filter((point, index) => index > 0 && point.stage !== points[index - 1]?.stage);
  return starts
    .map(({ epoch, stage }) => {
      const at = across.at(epoch - 0.5);
      const dashes = { stroke: colours.faint, 'stroke-width': 1.5, 'stroke-dasharray': '5 4' };
      const label = { 'font-size': sizes.note, fill: colours.muted, 'text-anchor': 'middle' };
      return line(at, panels.loss.y - 10, at, bottom, dashes) + text(at, 102, `stage ${stage} ▸`, label);
    })
    .join('');
}

function bestMark(across: Scale, points: readonly CurvePoint[]): string {
  const rated = points.filter(({ valAccuracy }) => valAccuracy !== null && Number.isFinite(valAccuracy));
  const best = rated.reduce<CurvePoint | undefined>(
    (top, point) => ((point.valAccuracy ?? 0) > (top?.valAccuracy ?? -1) ? point : top),
    undefined,
  );
  if (best === undefined) return '';
  const scale = panelScale(panels.accuracy, 0.1, [
    ['', points.map(({ accuracy }) => accuracy)],
    ['', points.map(({ valAccuracy }) => valAccuracy)],
  ]);
  const [cx, cy] = [across.at(best.epoch), scale.at(best.valAccuracy ?? 0)];
  const ring = element('circle', { cx, cy, r: 6, fill: 'none', stroke: colours.ink, 'stroke-width': 1.75 });
  const note = `best validation ${(best.valAccuracy ?? 0).toFixed(3)}, epoch ${best.epoch}`;
  return (
    ring + text(x + width, panels.accuracy.y - 10, note, { 'text-anchor': 'end', 'font-size': sizes.note })
  );
}

function epochAxis({ across, epochs }: Place): string {
  const whole = across.ticks.filter((tick) => epochs.includes(tick));
  return (
    whole.map((tick) => tickLabel(across.at(tick), bottom + 20, String(tick), 'middle')).join('') +
    horizontalTitle(x + width / 2, bottom + 46, 'Epoch')
  );
}
