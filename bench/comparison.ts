import type { Timed } from './cases.js';
import { PEERS, type PeerName } from './peers.js';
import { median, summary, type Summary } from './statistics.js';

/** The measured steps of one side in one round. */
export interface Turn {
  readonly case: string;
  readonly round: number;
  /** `mien` or a peer. */
  readonly side: string;
  readonly ms: readonly number[];
}

/** All that a comparison measured. */
export interface Comparison {
  readonly cpu: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Day of the measurement, e.g. 2026-01-31. */
  readonly date: string;
  readonly cases: readonly Timed[];
  /** The peer that the bars are about. */
  readonly judge: PeerName;
  readonly peers: readonly PeerName[];
  /** Kernels that Mien's side really used, by case. */
  readonly kernels: ReadonlyMap<string, string>;
  readonly turns: readonly Turn[];
}

/** One case against one peer, times in milliseconds. */
export interface Row {
  readonly case: string;
  readonly kernels: string;
  readonly mienMs: number;
  readonly peerMs: number;
  readonly peer: PeerName;
  /** Ratio of the medians over all steps. */
  readonly ratio: number;
  /** Median over the rounds of the ratio of a round's medians. */
  readonly roundRatio: number;
  /** Ratio of the fastest steps. */
  readonly minRatio: number;
  /** Highest ratio promised; absent where the row is only shown. */
  readonly bar?: number;
  readonly mien: Summary;
  readonly theirs: Summary;
}

/** The JSON document of a comparison. */
export function reportOf(comparison: Comparison): object {
  const { cpu, threads, versions, date } = comparison;
  return { cpu, threads, versions, date, rows: rowsOf(comparison) };
}

/** Every case against every peer. */
export function rowsOf({ cases, peers, kernels, turns, judge }: Comparison): Row[] {
  return cases.flatMap(({ name, bar }) =>
    peers.map((peer): Row => {
      const [own, theirs] = [turnsOf(turns, name, 'mien'), turnsOf(turns, name, peer)];
      const [a, b] = [summary(own.flatMap(({ ms }) => ms)), summary(theirs.flatMap(({ ms }) => ms))];
      return {
        case: name,
        kernels: kernels.get(name) ?? '',
        mienMs: a.median,
        peerMs: b.median,
        peer,
        ratio: a.median / b.median,
        roundRatio: median(own.map((turn, i) => median(turn.ms) / median(theirs[i]?.ms ?? []))),
        minRatio: a.min / b.min,
        ...(bar === undefined || peer !== judge ? {} : { bar }),
        mien: a,
        theirs: b,
      };
    }),
  );
}

function turnsOf(turns: readonly Turn[], name: string, side: string): Turn[] {
  return turns.filter((turn) => turn.case === name && turn.side === side);
}

/** The comparison as a Markdown table: a line per case, two columns per peer. */
export function comparisonTable(comparison: Comparison): string {
  const { cpu, threads, versions, date, cases, peers, judge } = comparison;
  const titles = peers.flatMap((peer) => [PEERS[peer].title, 'ratio', 'by round', 'fastest']);
  const header = ['case', 'kernels', 'Mien', ...titles, ...(peers.includes(judge) ? ['bar'] : [])];
  const rows = rowsOf(comparison);
  const body = cases.map(({ name }) =>
    tableLine(
      rows.filter((row) => row.case === name),
      judge,
    ),
  );
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [header, header.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
  return [`${cpu}, ${threads} threads, ${date}; ${versionList.join(', ')}`, '', ...lines].join('\n');
}

function tableLine(rows: readonly Row[], judge: PeerName): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const bar = rows.find((row) => row.peer === judge)?.bar;
  const cells = rows.flatMap((row) => [
    times(row.theirs),
    row.ratio.toFixed(2),
    row.roundRatio.toFixed(2),
    row.minRatio.toFixed(2),
  ]);
  const last = rows.some((row) => row.peer === judge) ? [bar === undefined ? '' : `≤ ${bar}`] : [];
  return [first.case, first.kernels, times(first.mien), ...cells, ...last];
}

/** `median (quartile–quartile)` in milliseconds. */
function times({ median: middle, quartiles: [low, high] }: Summary): string {
  return `${middle.toFixed(1)} (${low.toFixed(0)}–${high.toFixed(0)})`;
}
