import {
  frame,
  horizontalGrid,
  horizontalTitle,
  legend,
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
  /** Of it what V8 has reserved for JavaScript. */
  readonly heapMegabytes?: number;
}

const box = { x: 112, y: 96, width: chartWidth - 152, height: 300 };

/** Resident memory against the step, from zero, so that flat looks flat. */
export function memoryChart(samples: readonly MemorySample[], subtitle: string, across = 'Step'): string {
  const highest = Math.max(...samples.map(({ megabytes }) => megabytes));
  const down = linearScale(niceDomain([0, highest]), box.y + box.height, box.y);
  const horizontal = linearScale([0, samples.at(-1)?.step ?? 1], box.x, box.x + box.width);
  const bottom = box.y + box.height;
  const pointsOf = (values: readonly (readonly [number, number])[]) =>
    values.map(([step, megabytes]) => [horizontal.at(step), down.at(megabytes)] as const);
  const resident = pointsOf(samples.map(({ step, megabytes }) => [step, megabytes]));
  const heap = pointsOf(
    samples.flatMap(({ step, heapMegabytes }) =>
      heapMegabytes === undefined ? [] : [[step, heapMegabytes]],
    ),
  );
  return frame(
    { title: 'Resident memory', subtitle, height: bottom + 64 },
    horizontalGrid(box, down.ticks, down.at, tickLabels(down.ticks)),
    path(resident, { stroke: colours.training, 'stroke-width': 1.75 }),
    ...(heap.length === 0 ? [] : [heapLine(heap)]),
    ...horizontal.ticks.map((tick) => tickLabel(horizontal.at(tick), bottom + 20, String(tick), 'middle')),
    verticalTitle(44, box.y + box.height / 2, 'MB'),
    horizontalTitle(box.x + box.width / 2, bottom + 46, across),
  );
}

function heapLine(points: readonly (readonly [number, number])[]): string {
  const names = [
    [colours.training, 'process'],
    [colours.validation, "of it V8's heap"],
  ] as const;
  const key = legend(box.x + box.width - 250, 42, names, 110);
  return path(points, { stroke: colours.validation, 'stroke-width': 1.75 }) + key;
}
