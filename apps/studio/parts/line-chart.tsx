import { extent, linearScale, short, type Scale } from './scale.js';

/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Broken, for a second kind of line in the same colour. */
  readonly dashed?: boolean;
  /** Colour from 1 to 6; by position unless given. */
  readonly colour?: number;
}

interface LineChartProps {
  /** What screen readers say. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  /** A vertical line at a value. */
  readonly marker?: number;
}

const [WIDTH, HEIGHT] = [520, 260];
const BOX = { left: 48, right: WIDTH - 12, top: 12, bottom: HEIGHT - 40 } as const;

/** Lines over a grid, with a legend below. */
export function LineChart({ title, xLabel, yLabel, series, xRange, yRange, marker }: LineChartProps) {
  const points = series.flatMap((line) => line.points);
  const x = linearScale(xRange ?? extent(points.map(([value]) => value)), [BOX.left, BOX.right], 8);
  const y = linearScale(yRange ?? extent(points.map(([, value]) => value)), [BOX.bottom, BOX.top]);
  return (
    <figure class="figure">
      <figcaption>{title}</figcaption>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={describe(title, series)}>
        <Axes x={x} y={y} xLabel={xLabel} yLabel={yLabel} />
        {marker !== undefined && (
          <line class="marker" x1={x.of(marker)} x2={x.of(marker)} y1={BOX.top} y2={BOX.bottom} />
        )}
        {series.map((line, i) => (
          <Line key={line.name} line={line} index={i} x={x} y={y} />
        ))}
      </svg>
      <Legend series={series} />
    </figure>
  );
}

function Line({
  line,
  index,
  x,
  y,
}: {
  readonly line: Series;
  readonly index: number;
  readonly x: Scale;
  readonly y: Scale;
}) {
  const known = line.points.filter(([, value]) => Number.isFinite(value));
  const [only] = known;
  const path = known.map(([a, b]) => `${x.of(a).toFixed(1)},${y.of(b).toFixed(1)}`).join(' ');
  return (
    <g class={colourClass(line, index)}>
      <polyline class="line" points={path} stroke-dasharray={line.dashed === true ? '5 4' : undefined} />
      {known.length === 1 && only !== undefined && (
        <circle class="dot" cx={x.of(only[0])} cy={y.of(only[1])} r="3" />
      )}
    </g>
  );
}

/** Grid lines, marks and titles of both axes. */
export function Axes({
  x,
  y,
  xLabel,
  yLabel,
}: {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
}) {
  return (
    <g aria-hidden="true">
      {y.marks.map((mark) => (
        <g key={mark}>
          <line class="grid-line" x1={BOX.left} x2={BOX.right} y1={y.of(mark)} y2={y.of(mark)} />
          <text x={BOX.left - 6} y={y.of(mark) + 4} text-anchor="end">
            {short(mark)}
          </text>
        </g>
      ))}
      {x.marks.map((mark) => (
        <text key={mark} x={x.of(mark)} y={BOX.bottom + 16} text-anchor="middle">
          {short(mark)}
        </text>
      ))}
      <text x={(BOX.left + BOX.right) / 2} y={HEIGHT - 6} text-anchor="middle">
        {xLabel}
      </text>
      <text x={12} y={(BOX.top + BOX.bottom) / 2} text-anchor="middle" transform={turned()}>
        {yLabel}
      </text>
    </g>
  );
}

function turned(): string {
  return `rotate(-90 12 ${(BOX.top + BOX.bottom) / 2})`;
}

function Legend({ series }: { readonly series: readonly Series[] }) {
  if (series.length < 2) return null;
  return (
    <ul class="legend">
      {series.map((line, i) => (
        <li key={line.name} class={colourClass(line, i)}>
          <span class={line.dashed === true ? 'swatch dashed' : 'swatch'} />
          {line.name}
        </li>
      ))}
    </ul>
  );
}

function colourClass({ colour }: Series, index: number): string {
  return `k${colour ?? (index % 6) + 1}`;
}

/** Title and last values, for those who do not see the lines. */
function describe(title: string, series: readonly Series[]): string {
  const ends = series.map(({ name, points }) => {
    const last = points.at(-1);
    return last === undefined ? name : `${name} ${short(last[1])}`;
  });
  return `${title}: ${ends.join(', ')}`;
}
