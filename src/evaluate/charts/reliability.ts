import type { CalibrationBin } from '../calibration.js';
import type { Evaluation } from '../evaluation.js';
import { groupDigits } from '../table.js';
import {
  frame,
  horizontalGrid,
  horizontalTitle,
  legend,
  tickLabel,
  verticalTitle,
  type Box,
} from './frame.js';
import { linearScale, niceDomain } from './scale.js';
import { subtitleOf } from './subtitle.js';
import { line, rect, text } from './svg.js';
import { chartWidth, colours, sizes } from './theme.js';

const x = 112;
const width = chartWidth - x - 48;
const upper: Box = { x, y: 128, width, height: 400 };
const lower: Box = { x, y: 560, width, height: 120 };
const across = linearScale([0, 1], x, x + width);

/**
 * The reliability diagram of Guo et al. (ICML 2017): accuracy against confidence bin by bin, the gap to
 * perfect calibration, and below it how many images each bin holds.
 */
export function reliabilityChart(evaluation: Evaluation): string {
  const { calibration, ece } = evaluation;
  return frame(
    { title: 'Reliability', subtitle: subtitleOf(evaluation), height: lower.y + lower.height + 72 },
    legend(x, 106, key, 138),
    text(x + width, 106, `expected calibration error ${ece.toFixed(4)}`, {
      'text-anchor': 'end',
      'font-size': sizes.tick,
      'font-weight': 'bold',
    }),
    accuracyPanel(calibration),
    histogram(calibration),
    ...across.ticks.map((tick) =>
      tickLabel(across.at(tick), lower.y + lower.height + 20, tick.toFixed(1), 'middle'),
    ),
    horizontalTitle(x + width / 2, lower.y + lower.height + 48, 'Confidence (probability of the answer)'),
  );
}

const key = [
  [colours.training, 'accuracy'],
  [colours.tooSure, 'overconfident'],
  [colours.tooModest, 'underconfident'],
] as const;

function accuracyPanel(bins: readonly CalibrationBin[]): string {
  const scale = linearScale([0, 1], upper.y + upper.height, upper.y);
  const bars = bins.map((bin) => binBars(bin, scale.at));
  const diagonal = line(across.at(0), scale.at(0), across.at(1), scale.at(1), {
    stroke: colours.ink,
    'stroke-width': 1.5,
    'stroke-dasharray': '6 5',
    'stroke-opacity': 0.6,
  });
  const grid = horizontalGrid(upper, scale.ticks, scale.at, (tick) => tick.toFixed(1));
  return grid + bars.join('') + diagonal + verticalTitle(52, upper.y + upper.height / 2, 'Accuracy');
}

function binBars(bin: CalibrationBin, up: (value: number) => number): string {
  const { accuracy, confidence } = bin;
  if (accuracy === null || confidence === null) return '';
  const left = across.at(bin.lo) + 2;
  const size = across.at(bin.hi) - across.at(bin.lo) - 4;
  const [high, low] = [Math.max(accuracy, confidence), Math.min(accuracy, confidence)];
  const fill = accuracy < confidence ? colours.tooSure : colours.tooModest;
  const gap = rect(left, up(high), size, up(low) - up(high), { fill });
  const bar = rect(left, up(low), size, up(0) - up(low), { fill: colours.training });
  return bar + gap + line(left, up(accuracy), left + size, up(accuracy), topEdge);
}

/** Marks the accuracy itself, the lower or the upper end of the gap. */
const topEdge = { stroke: colours.trainingEdge, 'stroke-width': 3 } as const;

function histogram(bins: readonly CalibrationBin[]): string {
  const [, top] = niceDomain([0, ...bins.map(({ n }) => n)]);
  const scale = linearScale([0, top], lower.y + lower.height, lower.y);
  const ticks = [0, top / 2, top].filter((tick) => Number.isInteger(tick));
  const bars = bins.map(({ lo, hi, n }) => {
    const y = scale.at(n);
    const size = across.at(hi) - across.at(lo) - 4;
    return rect(across.at(lo) + 2, y, size, lower.y + lower.height - y, { fill: colours.faint });
  });
  const grid = horizontalGrid(lower, ticks, scale.at, groupDigits);
  return grid + bars.join('') + verticalTitle(52, lower.y + lower.height / 2, 'Images');
}
