import { groupDigits } from '../table.js';
import type { VoteSides, WorstAnswers, WrongAnswer } from '../worst/worst.js';
import { frame, margin } from './frame.js';
import { element, rect, text } from './svg.js';
import { fitText } from './text-width.js';
import { chartWidth, colours, sizes } from './theme.js';

const columns = 5;
const gap = 10;
const tile = { width: (chartWidth - 2 * margin - (columns - 1) * gap) / columns, picture: 72, votes: 4 };
const textX = tile.picture + 16;
const room = tile.width - textX - 6;

/**
 * A sheet of wrong answers: each picture with its label, the answer and its probability, and the votes below where
 * there are any.
 *
 * @param pictures `data:` addresses of the pictures by file name
 * @example renderPng(worstSheet(worst, pictures));
 */
export function worstSheet(worst: WorstAnswers, pictures: ReadonlyMap<string, string>): string {
  const voted = worst.sides !== undefined;
  const advance = (voted ? 89 + tile.votes * 15 : 88) + gap;
  const top = voted ? 116 : 92;
  const rows = Math.ceil(worst.answers.length / columns);
  const head = { title: 'Most confident wrong answers', subtitle: subtitleOf(worst) };
  return frame(
    { ...head, height: top + Math.max(1, rows) * advance + 20 },
    worst.sides === undefined ? '' : sidesLine(worst.sides),
    ...worst.answers.map((answer, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const place = { x: margin + column * (tile.width + gap), y: top + row * advance };
      return tileOf(answer, place, pictures.get(answer.file), advance - gap);
    }),
  );
}

function tileOf(
  { label, predicted, confidence, votes }: WrongAnswer,
  { x, y }: { x: number; y: number },
  picture: string | undefined,
  height: number,
): string {
  const line = (content: string, down: number, fill: string, bold = false) =>
    text(x + textX, y + down, fitText(content, sizes.note, room, bold), {
      ...{ 'font-size': sizes.note, fill },
      ...(bold ? { 'font-weight': 'bold' } : {}),
    });
  const image = { x: x + 8, y: y + 8, width: tile.picture, height: tile.picture, href: picture ?? '' };
  return (
    rect(x, y, tile.width, height, { fill: colours.panel, rx: 4 }) +
    (picture === undefined ? '' : element('image', image)) +
    line('label', 18, colours.muted) +
    line(label, 33, colours.ok, true) +
    line('answer', 52, colours.muted) +
    line(predicted, 67, colours.low, true) +
    line(confidence.toFixed(3), 82, colours.ink) +
    (votes === undefined ? '' : votesOf(votes, x + 8, y + tile.picture + 25))
  );
}

/** The most frequent answers one below the other; the last line takes what is left. */
function votesOf(votes: NonNullable<WrongAnswer['votes']> | null, x: number, y: number): string {
  const lines =
    votes === null ? ['no votes'] : votes.slice(0, tile.votes).map(([answer, count]) => `${count} ${answer}`);
  const style = { 'font-size': sizes.note, fill: colours.ink };
  return lines
    .map((content, i) => text(x, y + i * 15, fitText(content, sizes.note, tile.width - 16), style))
    .join('');
}

function sidesLine({ known, withLabel, withAnswer, undecided, neither }: VoteSides): string {
  const parts = [
    `${groupDigits(known)} with votes, whose most frequent answer is`,
    `the label ${groupDigits(withLabel)}`,
    `the answer ${groupDigits(withAnswer)}`,
    `both ${groupDigits(undecided)}`,
    `neither ${groupDigits(neither)}`,
  ];
  const content = parts.slice(1).join('  ·  ');
  const size = { 'font-size': sizes.tick, fill: colours.muted };
  return text(margin, 92, `All wrong answers: ${parts[0] ?? ''}  ${content}`, size);
}

function subtitleOf({ split, n, wrong, answers }: WorstAnswers): string {
  const share = `${groupDigits(wrong)} of ${groupDigits(n)} images answered wrongly`;
  return [split, share, `the ${answers.length} surest`].join('  ·  ');
}
