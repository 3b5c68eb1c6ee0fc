/** What the studio's routes answer: plain data, shared by the server and the page. */
import type { Evaluation } from '../evaluate/evaluation.js';
import type { EpochRecord } from '../train/log/epoch-record.js';

export type { Evaluation, EpochRecord };

/** Pages of the studio, in the order of the navigation. */
export const STUDIO_PAGES = ['runs', 'evaluation', 'explain', 'try', 'data', 'export'] as const;
export type StudioPage = (typeof STUDIO_PAGES)[number];

/** A model that a page can choose. */
export interface ModelChoice {
  /** What requests name it by. */
  readonly id: string;
  readonly kind: 'given' | 'run';
}

/** `GET /studio/api/info`. */
export interface StudioInfo {
  readonly version: string;
  /** Folder of the runs. */
  readonly runs: string;
  /** The data of the Data page; null where none was given. */
  readonly data: string | null;
  readonly models: readonly ModelChoice[];
  readonly recipes: readonly string[];
  readonly nets: readonly string[];
}

/** A verb of the command line that the studio started. */
export interface Job {
  readonly id: string;
  readonly verb: JobVerb;
  /** What it works on: a run, a model, a data folder. */
  readonly subject: string;
  readonly state: 'running' | 'stopping' | 'done' | 'failed' | 'stopped';
  /** The last lines that it printed for people. */
  readonly lines: readonly string[];
}

export type JobVerb = 'train' | 'evaluate' | 'audit' | 'export' | 'benchmark';

/** A run folder in a list. */
export interface RunSummary {
  /** Path below the folder of runs, separated by `/`. */
  readonly id: string;
  readonly state: 'running' | 'stopping' | 'finished' | 'stopped';
  readonly recipe: string;
  readonly net: string;
  readonly data: string;
  readonly classes: readonly string[];
  readonly seed: number;
  /** Epochs so far, and planned in all stages. */
  readonly epochs: number;
  readonly planned: number;
  /** Best validation accuracy so far, in [0, 1]. */
  readonly best: number | null;
  /** Accuracy on the test part. */
  readonly test: number | null;
  /** When its table last changed, ISO 8601. */
  readonly changed: string;
}

/** A run with its table. */
export interface RunDetail extends RunSummary {
  readonly rows: readonly EpochRecord[];
  readonly job: Job | null;
}

/** `POST /studio/api/runs/start`. */
export interface TrainRequest {
  readonly name: string;
  readonly data: string;
  readonly recipe: string;
  readonly net: string;
  /** Empty: the default. */
  readonly classes: readonly string[];
  /** Epochs of each stage; empty: the recipe's. */
  readonly epochs: readonly number[];
  readonly inputSize?: number;
  readonly batchSize?: number;
  readonly weights?: string;
  readonly exclude?: boolean;
  readonly relabel?: boolean;
}

/** One measured picture. */
export interface Sample {
  readonly file: string;
  /** Positions in the report's classes. */
  readonly label: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  /** An exact copy of a training picture; null where nobody looked. */
  readonly leaked: boolean | null;
}

/** `GET /studio/api/evaluation`. */
export interface EvaluationAnswer {
  readonly report: Evaluation | null;
  readonly samples: readonly Sample[];
}

/** A map over a picture, row by row, each value in [0, 1]. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
}

/** `POST /studio/api/explain`. */
export interface Explanation {
  readonly method: ExplainMethod;
  readonly class: string;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly map: HeatMap;
  /** Layer whose feature maps were read; null for occlusion. */
  readonly layer: string | null;
  readonly milliseconds: number;
}

export type ExplainMethod = 'grad-cam' | 'occlusion';

/** `GET /studio/api/data`. */
export interface DataAnswer {
  readonly root: string;
  readonly splits: readonly { readonly split: 'train' | 'test'; readonly classes: readonly ClassCount[] }[];
  readonly edits: DataEdits;
  /** Where the lists are kept. */
  readonly lists: { readonly exclude: string; readonly relabel: string };
}

export interface ClassCount {
  readonly name: string;
  readonly count: number;
}

/** What a person decided about pictures, by name. */
export interface DataEdits {
  readonly excluded: readonly string[];
  readonly relabelled: Readonly<Record<string, string>>;
  /** Steps that can be undone. */
  readonly undoable: number;
}

/** `GET /studio/api/data/pictures`. */
export interface PicturesAnswer {
  readonly total: number;
  readonly names: readonly string[];
}

/** `GET /studio/api/data/audit`. */
export interface AuditAnswer {
  readonly job: Job | null;
  readonly sections: readonly AuditSection[] | null;
}

export interface AuditSection {
  readonly reason: string;
  readonly findings: readonly { readonly name: string; readonly class: string; readonly note: string }[];
}

/** `POST /studio/api/data/edit`. */
export interface EditRequest {
  readonly names: readonly string[];
  readonly action: 'exclude' | 'include' | 'relabel';
  /** For `relabel`. */
  readonly label?: string;
}

/** `GET /studio/api/export/formats`. */
export interface ExportFormats {
  readonly formats: readonly string[];
  readonly precisions: readonly string[];
}

/** What an export wrote. */
export interface ExportedFile {
  /** Below the export's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** `GET /studio/api/export/job`. */
export interface ExportAnswer {
  readonly job: Job;
  readonly files: readonly ExportedFile[];
}

/** `GET /studio/api/export/latency`: a file in an engine. */
export interface LatencyRow {
  readonly file: string;
  readonly engine: string;
  /** Median of one picture, the network alone. */
  readonly milliseconds: number | null;
  /** Why it could not be measured. */
  readonly error: string | null;
}
