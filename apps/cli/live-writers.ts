import type { LiveFrame, LiveOptions, LiveSummary } from '../../src/node.js';
import { print } from './output.js';

/** Prints answers as they come and the summary at the end. */
export interface LiveWriter extends Required<Pick<LiveOptions, 'onFrame' | 'onUnreadable'>> {
  end(summary: LiveSummary): Promise<void>;
}

/** JSON lines with a `type` each, or text for people: a line whenever a face's shown class changes. */
export function createLiveWriter(json: boolean): LiveWriter {
  return json ? jsonLines() : textLines();
}

function jsonLines(): LiveWriter {
  const line = (type: string, content: object) => print(`${JSON.stringify({ type, ...content })}\n`);
  return {
    onFrame: (frame) => line('frame', frame),
    onUnreadable: ({ index, file, error }) => void line('unreadable', { frame: index, file, error }),
    end: (summary) => line('summary', { version: 1, ...summary }),
  };
}

function textLines(): LiveWriter {
  const shown = new Map<number, string>();
  return {
    async onFrame(frame) {
      const text = changes(frame, shown);
      if (text !== '') await print(text);
    },
    onUnreadable: ({ error }) => void process.stderr.write(`mien: ${error}\n`),
    end: (summary) => print(formatLiveSummary(summary)),
  };
}

/** Lines for the faces whose class is another than before; tracks that are gone are forgotten. */
function changes({ time, file, faces }: LiveFrame, shown: Map<number, string>): string {
  const where = file ?? `${time.toFixed(2)} s`;
  const lines = faces
    .filter((face) => shown.get(face.track) !== face.class)
    .map((face) => `${where}: face ${face.track} ${face.class} ${Math.round(face.probability * 100)} %\n`);
  shown.clear();
  for (const face of faces) shown.set(face.track, face.class);
  return lines.join('');
}

/** The summary for people: rate, what was lost, and where the time went. */
export function formatLiveSummary(summary: LiveSummary): string {
  const { frames, faces, seconds, framesPerSecond, dropped, unreadable, engine, detector, stages } = summary;
  const lost = unreadable === 0 ? '' : `, ${unreadable} unreadable`;
  const head = `${frames} frames, ${faces} faces in ${seconds.toFixed(1)} s: ${framesPerSecond.toFixed(1)} frames/s, ${dropped} dropped${lost}`;
  const rows = Object.entries(stages).map(([name, { p50, p95, mean }]) => [
    name,
    ...[p50, p95, mean].map((value) => value.toFixed(2)),
  ]);
  const table = [['milliseconds', 'p50', 'p95', 'mean'], ...rows].map(([name = '', ...cells]) =>
    [name.padEnd(12), ...cells.map((cell) => cell.padStart(9))].join(' '),
  );
  return `${[head, `engine ${engine}, detector ${detector}`, ...table].join('\n')}\n`;
}
