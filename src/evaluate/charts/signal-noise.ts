import { frame, horizontalTitle, legend, margin, tickLabel, type Box } from './frame.js';
import { linearScale, niceDomain, type Scale } from './scale.js';
import { line, rect, text } from './svg.js';
import { fitText } from './text-width.js';
import { chartWidth, colours, sizes } from './theme.js';

/** One layer's bar. */
export interface NoiseBar {
  readonly name: string;
  /** Signal-to-noise ratio in dB. */
  readonly snr: number;
  /** Whether the layer stays in float32. */
  readonly kept: boolean;
}

const STEP = 15;
const LABELS = 300;
/** Values that are always zero have no noise at all: more than this is drawn as this. */
const MOST = 60;

/** Signal-to-noise ratio of every layer's result in order, as horizontal bars. */
export function signalNoiseChart(title: string, subtitle: string, bars: readonly NoiseBar[]): string {
  const x = margin + LABELS;
  const box: Box = { x, y: 128, width: chartWidth - x - 80, height: STEP * bars.length };
  const [, high] = niceDomain([0, ...bars.map(({ snr }) => Math.min(MOST, snr))]);
  const scale = linearScale([0, high], box.x, box.x + box.width);
  const bottom = box.y + box.height;
  return frame(
    { title, subtitle, height: bottom + 72 },
    grid(box, scale),
    ...bars.map((bar, i) => barOf(box, scale, bar, box.y + (i + 0.5) * STEP)),
    horizontalTitle(box.x + box.width / 2, bottom + 50, 'Signal-to-noise ratio in dB, more is better'),
    legend(
      box.x,
      100,
      [
        [colours.training, '8 bits'],
        [colours.validation, 'float32'],
      ],
      110,
    ),
  );
}

function grid(box: Box, { ticks, at }: Scale): string {
  const bottom = box.y + box.height;
  return ticks
    .map((tick) => {
      const stroke = tick === 0 ? colours.axis : colours.grid;
      return (
        line(at(tick), box.y, at(tick), bottom, { stroke }) +
        tickLabel(at(tick), bottom + 20, String(tick), 'middle')
      );
    })
    .join('');
}

function barOf(box: Box, { at }: Scale, { name, snr, kept }: NoiseBar, y: number): string {
  const size = { 'font-size': 10 };
  const end = at(Math.min(MOST, Math.max(0, snr)));
  const fill = kept ? colours.validation : colours.training;
  return (
    text(box.x - 8, y + 4, fitText(name, 10, LABELS - 8), { ...size, 'text-anchor': 'end' }) +
    rect(box.x, y - 5, end - box.x, 10, { fill, rx: 2 }) +
    text(end + 6, y + 4, snr > MOST ? `over ${MOST}` : snr.toFixed(1), {
      ...size,
      fill: colours.muted,
      'font-size': sizes.tick - 3,
    })
  );
}
