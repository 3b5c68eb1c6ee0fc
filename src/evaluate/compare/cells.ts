import { groupDigits } from '../table.js';
import {
  comparedFigures,
  type ComparedModel,
  type ComparedPair,
  type Comparison,
  type SeedFigures,
} from './comparison.js';

/** Stands where a figure is unknown. */
const UNKNOWN = '-';

/** The table of models as cells, the titles first; what is unknown is `-`. */
export function modelRows({ models, split }: Comparison): string[][] {
  const columns = columnsOf(split);
  return [
    ['model', ...columns.map(({ title }) => title)],
    ...models.flatMap((model) => [
      [model.name, ...columns.map(({ cell }) => cell(model))],
      ...referenceRow(model, columns),
    ]),
  ];
}

/** The table of pairs as cells, the titles first. */
export function pairRows({ pairs }: Comparison): string[][] {
  const titles = [
    'pair',
    'images',
    'only first right',
    'only second right',
    'difference',
    'p',
    'p (Holm)',
    '',
  ];
  return [titles, ...pairs.map(pairRow)];
}

interface Column {
  readonly title: string;
  readonly cell: (model: ComparedModel) => string;
}

const TEST = 'accuracy test';

function columnsOf(split: Comparison['split']): readonly Column[] {
  return [
    { title: 'input', cell: ({ inputSize }) => String(inputSize) },
    { title: 'accuracy val', cell: ({ validation }) => accuracy(validation) },
    { title: TEST, cell: ({ test }) => accuracy(test) },
    {
      title: split === 'validation' ? 'macro val' : 'macro test',
      cell: (model) => macro(comparedFigures(model, split)),
    },
    { title: 'parameters', cell: ({ parameters }) => groupDigits(parameters) },
    { title: 'MACs', cell: ({ macs }) => large(macs) },
    { title: 'file', cell: ({ bytes }) => `${(bytes / 1e6).toFixed(1)} MB` },
    { title: 'step', cell: ({ stepMilliseconds }) => milliseconds(stepMilliseconds) },
    { title: 'latency p50', cell: ({ latency }) => milliseconds(latency?.p50 ?? null) },
    { title: 'to best', cell: ({ secondsToBest }) => duration(secondsToBest) },
  ];
}

/** The reference's own figure, below the model of the same net. */
function referenceRow({ net, reference }: ComparedModel, columns: readonly Column[]): string[][] {
  if (reference === null) return [];
  return [
    [`reference ${net}`, ...columns.map(({ title }) => (title === TEST ? reference.toFixed(4) : UNKNOWN))],
  ];
}

function pairRow(pair: ComparedPair): string[] {
  const { first, second, n, onlyFirst, onlySecond, difference } = pair;
  const points = `${difference < 0 ? '−' : '+'}${Math.abs(difference * 100).toFixed(1)} points`;
  return [
    `${first}, ${second}`,
    groupDigits(n),
    groupDigits(onlyFirst),
    groupDigits(onlySecond),
    points,
    probability(pair.p),
    probability(pair.pHolm),
    verdict(pair),
  ];
}

function verdict({ first, second, difference, significant }: ComparedPair): string {
  if (!significant) return 'no difference shown';
  return `${difference > 0 ? first : second} is better`;
}

function accuracy(figures: SeedFigures | null): string {
  if (figures === null) return UNKNOWN;
  const [low, high] = figures.interval.map((bound) => bound.toFixed(3));
  return `${spread(figures.accuracy, figures.accuracyDeviation)} (${low ?? ''}–${high ?? ''})`;
}

function macro(figures: SeedFigures | null): string {
  return figures === null ? UNKNOWN : spread(figures.macroAccuracy, figures.macroDeviation);
}

function spread(value: number, deviation: number | null): string {
  return deviation === null ? value.toFixed(4) : `${value.toFixed(4)} ± ${deviation.toFixed(4)}`;
}

/** 56510400 as "56.5 M", 2834161664 as "2.83 G". */
function large(count: number): string {
  const [size, unit] = count < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return `${Number((count / size).toPrecision(3))} ${unit}`;
}

function milliseconds(value: number | null): string {
  if (value === null) return UNKNOWN;
  return `${value < 100 ? value.toPrecision(3) : value.toFixed(0)} ms`;
}

function duration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function probability(p: number): string {
  return p < 0.0001 ? '<0.0001' : p.toFixed(4);
}
