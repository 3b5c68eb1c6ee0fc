/** Mien's public interface in Node: everything of `mienjs`, and what needs files, threads or native code. */

export * from './index.js';

export { writeFileAtomic } from './core/files.js';

// Engine
export { ortNode } from './runtime/node/ort.js';

// Files of pictures
export { auditExact, formatExactAudit, type ExactAudit } from './data/audit.js';
export { decodeImage, toColour } from './data/decode.js';
export { writeDrawnFaces, type DrawnRecord, type WriteDrawnOptions } from './data/draw/write.js';
export { loadImages, type LoadedImages, type LoadOptions } from './data/load.js';
export { inlineBatches, prefetchBatches, shareImages, type BatchSource } from './data/prefetch.js';
export { splitTrainValidation } from './data/split.js';

// Files of models
export { loadKeras, readKeras, saveKeras, writeKeras } from './export/keras/archive.js';
export { loadWeights, type WeightSearch } from './models/weights/load.js';
export { renderPng } from './evaluate/charts/render.js';
export { writeEvaluation } from './evaluate/write.js';

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
export { compareJob, type CompareEnvironment, type CompareOutcome } from './jobs/compare-job.js';
export type { CompareOptions } from './jobs/compare-options.js';
export { predictFiles } from './jobs/predict-job.js';
export type { FailedPrediction, Prediction, PredictionRow, PredictOptions } from './jobs/predict-job.js';
export type { FaceInPicture, FacelessPicture } from './jobs/predict-pictures.js';
export { annotatePredictions, type AnnotateOptions } from './jobs/annotate.js';
export { cutFace, isSmallFace, SMALL_FACE } from './jobs/find-faces.js';
export { cropFolder, type CropOptions } from './jobs/crop-job.js';
export { MANY_FACES, type CropSettings, type CropSummary, type ManyFaces } from './jobs/crop-log.js';
export { openBlazeFace, openFaceDetector, type FaceDetectorOptions } from './jobs/face-detector.js';
export { isDrawnData } from './jobs/drawn-data.js';
export { formatModelInfo, modelInfo, type LayerInfo, type ModelInfo } from './jobs/model-info.js';
export { exportJob, exportFormats, type ExportOptions, type Exported } from './jobs/export-job.js';
export { preprocessingNames } from './jobs/model-records.js';
export { openModel } from './jobs/model-source.js';
export { SHIPPED, isShipped } from './jobs/shipped.js';
export { shipRun, type ShipOptions } from './jobs/ship-job.js';
export { auditData, splitData, type DataOptions, type SplitList } from './jobs/data-job.js';
export { formatInspection, inspectData, type Inspection } from './jobs/data-inspect.js';
export { formatHailo, inspectHailo, type HailoInspection } from './jobs/hailo-inspect-job.js';
export { examine, type Check, type Diagnosis } from './jobs/doctor.js';
export { packageFile, packageVersion } from './jobs/package.js';
