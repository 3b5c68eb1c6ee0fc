import {
  frame,
  horizontalGrid,
  horizontalTitle,
  tickLabel,
  verticalTitle,
} from '../src/evaluate/charts/frame.js';
import { linearScale, niceDomain, tickLabels } from '../src/evaluate/charts/scale.js';
import { path } from '../src/evaluate/charts/svg.js';
import { chartWidth, colours } from '../src/evaluate/charts/theme.js';

/** Resident memory after a step, in units of 10⁶ bytes. */
export interface MemorySample {
  readonly step: number;
  readonly megabytes: number;
}

const box = { x: 112, y: 96, width: chartWidth - 152, height: 300 };

/** Resident memory against the step, from zero, so that flat looks flat. */
export function memoryChart(samples: readonly MemorySample[], subtitle: string, across = 'Step'): string {
  const highest = Math.max(...samples.map(({ megabytes }) => megabytes));
  const down = linearScale(niceDomain([0, highest]), box.y + box.height, box.y);
  const horizontal = linearScale([0, samples.at(-1)?.step ?? 1], box.x, box.x + box.width);
  const bottom = box.y + box.height;
  const points = samples.map(({ step, megabytes }) => [horizontal.at(step), down.at(megabytes)] as const);
  return frame(
    { title: 'Resident memory', subtitle, height: bottom + 64 },
    horizontalGrid(box, down.ticks, down.at, tickLabels(down.ticks)),
    path(points, { stroke: colours.training, 'stroke-width': 1.75 }),
    ...horizontal.ticks.map((tick) => tickLabel(horizontal.at(tick), bottom + 20, String(tick), 'middle')),
    verticalTitle(44, box.y + box.height / 2, 'MB'),
    horizontalTitle(box.x + box.width / 2, bottom + 46, across),
  );
}
