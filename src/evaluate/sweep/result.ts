/** A combination of settings with what its trials reached. */
export interface SweepRow {
  /** Values by the path of the setting. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Mean of the metric over the seeds, at the furthest rung that all of its trials reached; null where none did. */
  readonly mean: number | null;
  /** Sample standard deviation over the seeds; null for a single one. */
  readonly deviation: number | null;
  /** Trials that the mean is made of. */
  readonly n: number;
  /** Epochs trained, of the trial that trained most. */
  readonly epochs: number;
  /** Wall-clock seconds of all its trials' epochs. */
  readonly seconds: number;
  readonly status: 'finished' | 'stopped early' | 'unfinished' | 'failed';
  readonly runs: readonly string[];
  readonly reason?: string;
}

/** What a sweep found, ready for JSON. */
export interface SweepResult {
  readonly version: 1;
  readonly method: 'grid' | 'random' | 'asha' | 'ablation';
  /** Validation figure that judges; `valLoss` is better when smaller. */
  readonly metric: 'valAccuracy' | 'valMacroAccuracy' | 'valLoss';
  readonly data: string;
  readonly drawn: boolean;
  readonly recipe: string;
  readonly net: string;
  readonly parameters: readonly SweepParameter[];
  /** Epochs of the rungs; one number where nothing is stopped early. */
  readonly rungs: readonly number[];
  /** The best first; of an ASHA sweep those that came furthest first. */
  readonly rows: readonly SweepRow[];
  /** Values of the whole recipe, of which each other row of an ablation changes one. */
  readonly whole?: SweepRow['values'];
}

/** One axis of the search. */
export interface SweepParameter {
  readonly path: string;
  readonly scale: 'linear' | 'log' | 'choice';
}

/** A value as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Short names of parameters: the last two parts of their paths, or as many as tell them apart. */
export function shortNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const parts = path.split('.');
    for (let n = 2; n < parts.length; n++) {
      const short = parts.slice(-n).join('.');
      if (paths.filter((other) => other === short || other.endsWith(`.${short}`)).length === 1) return short;
    }
    return path;
  });
}
