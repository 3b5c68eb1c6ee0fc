/** Colours of every chart; blue and orange stay apart for most forms of colour blindness. */
export const colours = {
  background: '#ffffff',
  ink: '#1f2933',
  muted: '#5f6c7b',
  faint: '#9aa5b1',
  grid: '#e4e7eb',
  axis: '#b8c2cc',
  panel: '#f7f9fb',
  training: '#2563a8',
  trainingEdge: '#173f6d',
  validation: '#e07b1a',
  ok: '#2f8f6b',
  warn: '#e0a31a',
  low: '#c8463c',
  tooSure: '#f2b5ae',
  tooModest: '#9fd3c1',
} as const;

/** Width of every chart in user units; the pictures have twice as many pixels. */
export const chartWidth = 900;

/** Text sizes in user units, legible when the picture is shown 900 pixels wide. */
export const sizes = { title: 22, subtitle: 14, axis: 14, tick: 13, value: 13, note: 12 } as const;

/** The only font family: its files come with the package, so every machine draws the same picture. */
export const fontFamily = 'DejaVu Sans';

/** Sequential blues from 0 to 1, interpolated between four stops of even steps in lightness. */
export function blues(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[index] ?? white, stops[index + 1] ?? white];
  const channels = from.map((value, i) => Math.round(value + ((to[i] ?? value) - value) * (place - index)));
  return `rgb(${channels.join(', ')})`;
}

/** The ink with the higher contrast on {@link blues} of the same share. */
export function inkOnBlues(share: number): string {
  return share > 0.64 ? colours.background : colours.ink;
}

type Colour = readonly [red: number, green: number, blue: number];
const white: Colour = [255, 255, 255];
const stops: readonly Colour[] = [
  [244, 248, 252],
  [168, 203, 232],
  [74, 138, 199],
  [16, 66, 124],
];
