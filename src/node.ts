/** Mien's public interface in Node: everything of `mienjs`, and what needs files, threads or native code. */

export * from './index.js';

export { writeFileAtomic } from './core/files.js';

// Engine
export { ortNode } from './runtime/node/ort.js';
export { hailo, hailoDevices, type HailoOptions } from './runtime/hailo/hailo.js';

// Live
export type { Frame, FrameSource } from './live/frame.js';
export { fixedBox, wholeFrame } from './live/detector.js';
export type { Box, DetectedFace, FaceDetector, KeyPoint } from './live/detector.js';
export { defaultSmoothing, FaceTracker, type Smoothing } from './live/tracker.js';
export type { StageTimes } from './live/histogram.js';
export type { LiveTotals, StageName } from './live/pipeline.js';
export { hasLiteRt, litertNode, type LiteRtRuntime, type LiteRtSession } from './runtime/node/litert.js';
export { ortWasm } from './runtime/node/ort-web.js';

// Files of pictures
export { auditExact, formatExactAudit, type ExactAudit } from './data/audit.js';
export { decodeImage, toColour } from './data/decode.js';
export { writeDrawnFaces, type DrawnRecord, type WriteDrawnOptions } from './data/draw/write.js';
export { loadImages, type LoadedImages, type LoadOptions } from './data/load.js';
export { inlineBatches, prefetchBatches, shareImages, type BatchSource } from './data/prefetch.js';
export { nearGroupsOf, nearPairs, type NearOptions, type NearPair } from './data/near-duplicates.js';
export { confidentLearning, type ConfidentJoint, type LabelIssue } from './data/confident-learning.js';
export { CLEAN_REASONS, parseCleanList, type CleanReason } from './data/clean-list.js';
export { cleanReasons, defaultCleanReasons, type DataAudit } from './data/data-audit.js';
export { splitFold, splitTrainValidation } from './data/split.js';

// Files of models
export { loadKeras, readKeras, saveKeras, writeKeras } from './export/keras/archive.js';
export { loadWeights, type WeightSearch } from './models/weights/load.js';
export { renderPng } from './evaluate/charts/render.js';
export { writeEvaluation } from './evaluate/write.js';
export { formatRobustness, type Robustness } from './evaluate/robustness/robustness.js';
export { formatWorst, type WorstAnswers } from './evaluate/worst/worst.js';

// Jobs: what the command line does
export type { JobEvent, JobHooks } from './jobs/events.js';
export { resolveTraining, resumeTraining, train } from './jobs/train-options.js';
export type { TrainOptions, TrainPlaces } from './jobs/train-options.js';
export { trainInThread, type ThreadedTraining } from './jobs/train-thread.js';
export { trainJob, type TrainEnvironment, type TrainOutcome } from './jobs/train-job.js';
export { parseSettings, type TrainSettings } from './jobs/settings.js';
export { freeRunName, isRunFolder, runFolder, type RunFolder } from './jobs/run-folder.js';
export { evaluateJob, type EvaluateOptions, type EvaluateOutcome } from './jobs/evaluate-job.js';
export type { EvaluationSplit } from './jobs/evaluate-data.js';
export { calibrateJob, type Calibrated, type CalibrateOptions } from './jobs/calibrate.js';
export { reproduceJob, type ReproduceOptions, type Reproduction } from './jobs/reproduce/reproduce-job.js';
export { formatReproduction } from './jobs/reproduce/text.js';
export { soupJob, type Soup, type SoupOptions } from './jobs/soup-job.js';
export { compareJob, type CompareEnvironment, type CompareOutcome } from './jobs/compare-job.js';
export type { CompareOptions } from './jobs/compare-options.js';
export { sweepJob, type SweepOptions, type SweepOutcome } from './jobs/sweep/sweep-job.js';
export type { Shard } from './jobs/sweep/state.js';
export { predictFiles } from './jobs/predict-job.js';
export type { FailedPrediction, Prediction, PredictionRow, PredictOptions } from './jobs/predict-job.js';
export type { FaceInPicture, FacelessPicture } from './jobs/predict-pictures.js';
export { annotatePredictions, type AnnotateOptions } from './jobs/annotate.js';
export { cutFace, isSmallFace, SMALL_FACE } from './faces/crop-face.js';
export { cropFolder, type CropOptions } from './jobs/crop-job.js';
export { MANY_FACES, type CropSettings, type CropSummary, type ManyFaces } from './jobs/crop-log.js';
export {
  openBlazeFace,
  openFaceDetector,
  openLiveDetector,
  type FaceDetectorOptions,
} from './jobs/face-detector.js';
export { EXPLAIN_METHODS, explainJob, openExplainer } from './jobs/explain-job.js';
export type { Explained, Explainer, ExplainMethod, ExplainOptions } from './jobs/explain-job.js';
export { isDrawnData } from './jobs/drawn-data.js';
export { formatModelInfo, modelInfo, type LayerInfo, type ModelInfo } from './jobs/model-info.js';
export { exportJob, type ArtefactReport, type ExportEnvironment } from './jobs/export-job.js';
export type { Exported, ExportOptions, ExportReport } from './jobs/export-job.js';
export { exportFormats, exportPrecisions } from './jobs/export-formats.js';
export type { ArtefactSettings, ExportFormat, ExportPrecision } from './jobs/export-formats.js';
export { quantizeJob, QUANTIZED_FILES } from './jobs/quantize-job.js';
export type { QuantizeEnvironment, QuantizeOptions, QuantizeOutcome } from './jobs/quantize-job.js';
export { formatQuantization } from './jobs/quantize-text.js';
export { RANGE_METHODS, type RangeMethod } from './export/quantize/ranges.js';
export { REPAIRS, quantizeModel } from './export/quantize/quantize-model.js';
export type {
  QuantizedModel,
  QuantizeModelOptions,
  Repair,
  Trial,
} from './export/quantize/quantize-model.js';
export { writeQuantizedOnnx, writeQuantizedTflite } from './export/quantize/write-quantized.js';
export { formatQuantizationMarkdown, type QuantizationReport } from './evaluate/quantization.js';
export { formatExport } from './jobs/export-text.js';
export { benchmarkEngines } from './jobs/benchmark-engines.js';
export {
  benchmarkJob,
  type Benchmark,
  type BenchmarkOptions,
  type BenchmarkRow,
} from './jobs/benchmark-job.js';
export { formatBenchmark, formatBenchmarkMarkdown } from './jobs/benchmark-text.js';
export { preprocessingNames } from './jobs/model-records.js';
export { openClassifier, openModel } from './jobs/model-source.js';
export type { AnyModel, FileModel } from './jobs/any-model.js';
export { readTflite } from './export/tflite/read/read-tflite.js';
export { readOnnx } from './export/onnx/read-onnx.js';
export { SHIPPED, isShipped } from './jobs/shipped.js';
export { shipRun, type ShipOptions } from './jobs/ship-job.js';
export { shipRanges, type ShipRangesOptions } from './jobs/shipped-ranges.js';
export { auditData, type AuditedData, type AuditOptions } from './jobs/audit-job.js';
export { writeAudit, writeCleanList, type AuditFiles } from './jobs/audit-write.js';
export { ceilingJob, formatCeiling, type CeilingOptions, type SplitCeiling } from './jobs/ceiling-job.js';
export { formatDataAudit } from './evaluate/audit/text.js';
export { splitData, type DataOptions, type SplitList } from './jobs/data-job.js';
export { formatInspection, inspectData, type Inspection } from './jobs/data-inspect.js';
export { formatHailo, inspectHailo, type HailoInspection } from './jobs/hailo-inspect-job.js';
export { hailoBundleJob, type HailoBundle, type HailoBundleOptions } from './jobs/hailo-bundle-job.js';
export { formatHailoComparison, hailoCompareJob } from './jobs/hailo-compare-job.js';
export type { HailoCompareOptions, HailoComparison } from './jobs/hailo-compare-job.js';
export { formatHailoBundle } from './jobs/hailo-bundle-text.js';
export { hailoCompileJob, type HailoCompiled, type HailoCompileOptions } from './jobs/hailo-compile-job.js';
export { formatHailoCompiled } from './jobs/hailo-compile-text.js';
export { liveJob } from './jobs/live-job.js';
export type { LiveFace, LiveFrame, LiveOptions, LiveOutcome, LiveSummary } from './jobs/live-job.js';
export type { LiveBackend } from './jobs/live-recognizer.js';
export { examine, type Check, type Diagnosis } from './jobs/doctor.js';
export { packageFile, packageVersion } from './jobs/package.js';

// Server, which has an entry point of its own
export { isLoopback } from './serve/loopback.js';
