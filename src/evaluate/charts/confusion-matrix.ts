import type { Evaluation } from '../evaluation.js';
import { groupDigits } from '../table.js';
import { frame, horizontalTitle, margin, tickLabel, verticalTitle, type Box } from './frame.js';
import { subtitleOf } from './subtitle.js';
import { line, rect, text } from './svg.js';
import { fitText, textWidth } from './text-width.js';
import { blues, chartWidth, colours, inkOnBlues, sizes } from './theme.js';

interface Layout {
  /** The square of cells. */
  readonly grid: Box;
  /** Side of a cell. */
  readonly cell: number;
  /** Whether the names of the columns stand aslant. */
  readonly slanted: boolean;
}

const labelRoom = 170;
const labelSize = sizes.axis;
/** Degrees by which long names of columns are turned. */
const slant = 40;

/**
 * The confusion matrix as an SVG document: rows are true classes, columns predicted ones; each cell shows
 * its count and its share of the row, which also gives the colour.
 */
export function confusionMatrixChart(evaluation: Evaluation): string {
  const { classes, confusionMatrix } = evaluation;
  const layout = layOut(classes);
  const { grid } = layout;
  const bottom = grid.y + grid.height + labelDepth(classes, layout);
  return frame(
    { title: 'Confusion matrix', subtitle: subtitleOf(evaluation), height: bottom + 56 },
    ...confusionMatrix.map((row, index) => cells(layout, row, index)),
    ...classes.map((name, index) => rowLabel(layout, name, confusionMatrix[index] ?? [], index)),
    ...classes.map((name, index) => columnLabel(layout, name, index)),
    verticalTitle(margin + 10, grid.y + grid.height / 2, 'True class'),
    horizontalTitle(grid.x + grid.width / 2, bottom + 26, 'Predicted class'),
    colourBar(grid.x + grid.width + 40, grid),
  );
}

function layOut(classes: readonly string[]): Layout {
  const widest = Math.max(...classes.map((name) => textWidth(name, labelSize)), 70);
  const x = margin + 34 + Math.min(labelRoom, widest) + 12;
  const side = Math.min(580, chartWidth - x - 160);
  const cell = Math.min(190, side / classes.length);
  const size = cell * classes.length;
  return {
    grid: { x, y: 96, width: size, height: size },
    cell,
    slanted: classes.some((name) => textWidth(name, labelSize) > cell - 6),
  };
}

/** Room that the names of the columns take below the cells. */
function labelDepth(classes: readonly string[], { slanted }: Layout): number {
  if (!slanted) return 32;
  const widest = Math.max(...classes.map((name) => textWidth(name, labelSize)));
  return 30 + Math.sin((slant * Math.PI) / 180) * Math.min(labelRoom, widest);
}

function cells({ grid, cell }: Layout, row: readonly number[], index: number): string {
  const total = row.reduce((sum, count) => sum + count, 0);
  const gap = cell > 30 ? 2 : 1;
  return row
    .map((count, column) => {
      const share = total === 0 ? 0 : count / total;
      const [x, y] = [grid.x + column * cell, grid.y + index * cell];
      const fill = total === 0 ? colours.panel : blues(share);
      const square = rect(x + gap / 2, y + gap / 2, cell - gap, cell - gap, {
        fill,
        rx: Math.min(4, cell / 12),
      });
      return square + cellText(x + cell / 2, y + cell / 2, cell, count, total);
    })
    .join('');
}

function cellText(x: number, y: number, cell: number, count: number, total: number): string {
  const size = cell < 44 ? Math.min(14, cell * 0.4) : Math.min(18, cell * 0.26);
  if (size < 8 || textWidth(groupDigits(count), size) > cell - 3) return '';
  const share = total === 0 ? 0 : count / total;
  const fill = inkOnBlues(share);
  const shared = { 'text-anchor': 'middle', fill };
  if (cell < 44) return text(x, y + size * 0.36, String(count), { ...shared, 'font-size': size });
  const percent = total === 0 ? '–' : `${(100 * share).toFixed(1)}%`;
  const small = { ...shared, 'font-size': size * 0.72, 'fill-opacity': 0.85 };
  return (
    text(x, y - size * 0.02, groupDigits(count), { ...shared, 'font-size': size, 'font-weight': 'bold' }) +
    text(x, y + size * 1.05, percent, small)
  );
}

function rowLabel({ grid, cell }: Layout, name: string, row: readonly number[], index: number): string {
  const y = grid.y + (index + 0.5) * cell;
  const total = row.reduce((sum, count) => sum + count, 0);
  const label = { 'text-anchor': 'end', 'font-size': Math.min(labelSize, cell * 0.7) };
  const shown = fitText(name, labelSize, labelRoom);
  if (cell < 40) return text(grid.x - 10, y + 5, shown, label);
  const note = { 'text-anchor': 'end', 'font-size': sizes.note, fill: colours.muted };
  return (
    text(grid.x - 10, y - 1, shown, label) + text(grid.x - 10, y + 16, `n = ${groupDigits(total)}`, note)
  );
}

function columnLabel({ grid, cell, slanted }: Layout, name: string, index: number): string {
  const x = grid.x + (index + 0.5) * cell;
  const y = grid.y + grid.height;
  if (!slanted) return text(x, y + 22, name, { 'text-anchor': 'middle', 'font-size': labelSize });
  const transform = `rotate(-${slant} ${x + 4} ${y + 16})`;
  const label = { 'text-anchor': 'end', 'font-size': labelSize, transform };
  return text(x + 4, y + 16, fitText(name, labelSize, Math.min(labelRoom, x - margin)), label);
}

function colourBar(x: number, grid: Box): string {
  const height = Math.min(grid.height, 300);
  const steps = 60;
  const bands = Array.from({ length: steps }, (_, i) => {
    const y = grid.y + (height * i) / steps;
    return rect(x, y, 16, height / steps + 0.6, { fill: blues(1 - (i + 0.5) / steps) });
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = grid.y + height * (1 - share);
    const mark = line(x + 16, y, x + 21, y, { stroke: colours.axis });
    return mark + tickLabel(x + 26, y + 4.5, `${share * 100}%`, 'start');
  });
  const title = verticalTitle(x + 84, grid.y + height / 2, 'Share of the true class');
  return bands.join('') + ticks.join('') + title;
}
