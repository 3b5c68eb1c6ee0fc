import type { Interval } from './metrics.js';
import type { PairedDifference } from './paired.js';

/** A step of the program that was quantized. */
export interface QuantizedLayer {
  readonly name: string;
  readonly kind: string;
  /** Signal-to-noise ratio of its result, errors of all steps before it included, in dB. */
  readonly snr: number;
  /** How the range of its result was found; null for a step that stays in float32. */
  readonly method: string | null;
  readonly range: Interval | null;
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  /** Why it stays in float32; null for a step in 8 bits. */
  readonly kept: string | null;
}

/** A written file; accuracy and agreement are null where nothing was measured. */
export interface QuantizedFile {
  readonly path: string;
  readonly bytes: number;
  /** Size of the float32 file of the same format by this one's. */
  readonly ratio: number;
  readonly runtime: string | null;
  readonly accuracy: FileAccuracy | null;
  /** Median milliseconds of one picture, and of the float32 file in the same run. */
  readonly latency: { readonly int8: number; readonly float32: number } | null;
}

/** Accuracy of a file and how it compares with the float model on the same pictures. */
export interface FileAccuracy extends PairedDifference {
  readonly accuracy: number;
  /** 95 % Wilson interval of `accuracy`. */
  readonly accuracyInterval: Interval;
  /** Share of pictures of the same class as by the float model. */
  readonly same: number;
  /** McNemar's test against the float model. */
  readonly p: number;
  /** Counts [class by the float model, class by this file]. */
  readonly confusion: readonly (readonly number[])[];
}

/** The content of `quantization_report.json`. */
export interface QuantizationReport {
  readonly version: 1;
  readonly model: string;
  readonly classes: readonly string[];
  readonly calibration: { readonly images: number; readonly seed: number; readonly copiesLeftOut: number };
  /** What was tried, measured on held training pictures. */
  readonly trials: readonly { readonly name: string; readonly snr: number; readonly same: number }[];
  readonly taken: string;
  /** Hard swishes written as products of two convolutions. */
  readonly split: readonly string[];
  readonly layers: readonly QuantizedLayer[];
  /** What was measured: the part of the data and its pictures. */
  readonly measured: { readonly split: string; readonly images: number; readonly accuracy: number };
  readonly files: readonly QuantizedFile[];
  readonly notes: readonly string[];
}

/** The report as Markdown: figures, what was tried, what stays in float32, confusion, every layer. */
export function formatQuantizationMarkdown(report: QuantizationReport): string {
  const { model, measured, files, trials, taken, layers, classes, notes, calibration } = report;
  const parts = [
    `# ${model} in 8 bits`,
    `Calibrated on ${calibration.images} training images (seed ${calibration.seed}), measured on ${measured.images} images of ${measured.split}.`,
    table(
      [
        'file',
        'size',
        'smaller than float32',
        'runtime',
        'accuracy',
        'difference',
        '95 % interval',
        'same class',
        'p',
        'ms, int8 / float32',
      ],
      [['float32', '', '', '', percent(measured.accuracy), '', '', '', '', ''], ...files.map(fileRow)],
    ),
    'Differences are in percentage points against the float32 model on the same images.',
    '## Repairs',
    'Measured on held training images.',
    table(
      ['tried', 'signal to noise', 'same class', ''],
      trials.map(({ name, snr, same }) => [
        name,
        `${snr.toFixed(1)} dB`,
        percent(same),
        name === taken ? 'taken' : '',
      ]),
    ),
    '## Kept in float32',
    keptText(layers),
    ...files.flatMap(({ path, accuracy }) =>
      accuracy === null
        ? []
        : [`## float32 (rows) against ${path} (columns)`, confusionTable(classes, accuracy)],
    ),
    '## Layers',
    table(
      ['layer', 'kind', 'signal to noise', 'range', 'found by', 'scale', 'zero point'],
      layers.map(layerRow),
    ),
    ...(notes.length === 0 ? [] : ['## Notes', notes.map((note) => `- ${note}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function fileRow({ path, bytes, ratio, runtime, accuracy, latency }: QuantizedFile): string[] {
  const points = (value: number) => (100 * value).toFixed(2);
  return [
    path,
    `${bytes}`,
    `${ratio.toFixed(2)} ×`,
    runtime ?? 'not run',
    ...(accuracy === null
      ? ['', '', '', '', '']
      : [
          percent(accuracy.accuracy),
          points(accuracy.difference),
          accuracy.interval.map(points).join(' … '),
          percent(accuracy.same),
          accuracy.p.toFixed(3),
        ]),
    latency === null ? '' : `${latency.int8} / ${latency.float32}`,
  ];
}

function layerRow({ name, kind, snr, range, method, scale, zeroPoint, kept }: QuantizedLayer): string[] {
  const form = range?.map((end) => end.toFixed(3)).join(' … ') ?? '';
  return [
    name,
    kind,
    snr.toFixed(1),
    kept === null ? form : 'float32',
    method ?? '',
    scale === null ? '' : scale.toPrecision(4),
    zeroPoint === null ? '' : String(zeroPoint),
  ];
}

function keptText(layers: readonly QuantizedLayer[]): string {
  const kept = layers.filter((layer) => layer.kept !== null);
  if (kept.length === 0) return 'Nothing.';
  return kept.map(({ name, kept: reason }) => `- ${name}: ${reason ?? ''}`).join('\n');
}

function confusionTable(classes: readonly string[], { confusion }: FileAccuracy): string {
  return table(
    ['', ...classes],
    confusion.map((row, i) => [classes[i] ?? '', ...row.map(String)]),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
