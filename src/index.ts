/**
 * Mien's public interface that runs anywhere: no Node modules, no native code. Files, threads and ONNX Runtime
 * for Node are in `mienjs/node`, which exports all of this too.
 */

// Errors, seeded random numbers, tensors
export { GraphError, InputError, messageOf, MienError, UsageError, type Problem } from './core/errors.js';
export { createRandom, type Random } from './core/random.js';
export { float32, int64, type DType, type Shape, type Tensor } from './core/tensor.js';
export { decodeSafeTensors, encodeSafeTensors, type SafeTensors } from './core/safetensors.js';
export type { Preprocessing } from './core/preprocessing.js';

// ONNX graphs: build, differentiate, lower to fast kernels, check, print, encode
export { GraphBuilder } from './onnx/builder.js';
export { checkGraph } from './onnx/check.js';
export { decodeModel } from './onnx/decode.js';
export { encodeModel, type EncodeOptions } from './onnx/encode.js';
export type { Graph, Node, Value } from './onnx/graph.js';
export { printGraph } from './onnx/print.js';
export { Emitter } from './ops/emitter.js';
export { operatorOf, OPERATORS, schemaOf } from './ops/registry.js';
export { gradients } from './autodiff/gradients.js';
export { kernelsFor, type KernelSet } from './lower/kernels.js';
export { lowerGraph } from './lower/lower.js';
export { blockProbeModel } from './lower/probe-model.js';

// Models
export { withHead, type HeadOptions } from './models/head.js';
export { LayerGraph } from './models/layer-graph.js';
export { densenet121 } from './models/densenet121.js';
export { logitsGraph } from './models/logits.js';
export { mobileNetV2, type MobileNetV2Options } from './models/mobilenet-v2.js';
export { mobileNetV3Large } from './models/mobilenet-v3-large.js';
export { macsOf, type Macs } from './models/macs.js';
export { mobileNetV3Small } from './models/mobilenet-v3-small.js';
export { nasnetMobile } from './models/nasnet-mobile.js';
export { checkWeights, countParameters, initialWeights, type Model, type Weights } from './models/model.js';
export type { Calibration } from './models/model.js';
export { NetBuilder, type Feature } from './models/net-builder.js';
export type { NetOptions } from './models/net-options.js';
export { buildNet, netNames, type NetName } from './models/nets.js';
export { findRecord, preprocessingOf, WEIGHT_RECORDS, type WeightRecord } from './models/weights/records.js';

// Files for other runtimes, as bytes
export { writeOnnx, type WriteOnnxOptions } from './export/onnx/write-onnx.js';
export { writeTflite, type WriteTfliteOptions } from './export/tflite/write-tflite.js';

// Data in memory
export { noAugmentation, type Augmentation } from './data/augment-options.js';
export { defaultAugmentation, referenceAugmentation } from './data/augment-options.js';
export { createBatchMaker, evaluationBatches, type Batch, type BatchPlan } from './data/batches.js';
export { countsPerClass, defaultClasses, subset, type ImageSet, type Picture } from './data/images.js';
export type { CutMix, MixUp } from './data/mixup.js';
export { parseClassMap, type ClassMap } from './data/class-map.js';
export { resizeImage } from './data/resize.js';
export { drawFaces, type DrawOptions } from './data/draw/draw.js';
export { EMOTIONS, type Emotion } from './data/draw/actions.js';
export { effectiveNumberWeights, oversample, samplingTable, textTable } from './data/sampling.js';

// Recipes and training
export type { Monitor, Recipe, StageRecipe } from './train/recipe.js';
export { recipeOf, recipes } from './train/recipes/index.js';
export { checkRecipe } from './jobs/recipe-fields.js';
export { setInRecipe } from './jobs/recipe-set.js';
export type { LossConfig } from './train/losses.js';
export type { OptimizerConfig } from './train/optimizers/index.js';
export { learningRateAt, type ScheduleConfig } from './train/schedules.js';
export { buildTrainingStep, type StepOptions, type TrainingStep } from './train/step.js';
export { fit, type FitOptions, type FitResult, type TrainerHooks } from './train/trainer.js';
export type { EpochRecord } from './train/log/csv-log.js';
export { createProgress, formatDuration, formatProgress } from './train/log/progress.js';
export type { Progress, ProgressState, ProgressStream } from './train/log/progress.js';

// Evaluation
export { createEvaluation, statusOf, type Evaluation, type Status } from './evaluate/evaluation.js';
export { fitTemperature } from './evaluate/temperature.js';
export { computeMetrics, wilsonInterval, type Interval, type Metrics } from './evaluate/metrics.js';
export { holm, mcnemarTest, type McNemar, type McNemarMethod } from './evaluate/mcnemar.js';
export { csvLine, formatPredictions, type Predictions } from './evaluate/predictions.js';
export { formatReport } from './evaluate/report.js';
export type { Scores } from './evaluate/scores.js';
export { confusionMatrixChart } from './evaluate/charts/confusion-matrix.js';
export { perClassAccuracyChart } from './evaluate/charts/per-class-accuracy.js';
export { accuracyLatencyChart } from './evaluate/charts/accuracy-latency.js';
export type { ComparedModel, ComparedPair, Comparison } from './evaluate/compare/comparison.js';
export { createComparison, type ComparisonInput } from './evaluate/compare/create.js';
export { formatComparison, formatComparisonMarkdown } from './evaluate/compare/format.js';
export { parallelCoordinatesChart } from './evaluate/charts/parallel-coordinates.js';
export { formatSweep, formatSweepMarkdown } from './evaluate/sweep/format.js';
export type { SweepParameter, SweepResult, SweepRow } from './evaluate/sweep/result.js';
export { trainingCurvesChart } from './evaluate/charts/training-curves.js';

// Faces with any runtime
export { BlazeFace, FULL_RANGE, SHORT_RANGE, type BlazeFaceRecord } from './faces/blazeface.js';
export { cutFrame } from './faces/cut.js';
export { KEY_POINTS, overlapOf } from './faces/face.js';
export type { Box, DetectedFace, FaceDetector, FaceNet, KeyPoint, Window } from './faces/face.js';
export { FER2013_FRAMING, frameFace, type Framing, type FramingRule } from './faces/framing.js';
export { FaceSearch, type SearchNets, type SearchOptions } from './faces/search.js';

// Prediction with any runtime
export { createClassifier, type Classifier } from './predict/classifier.js';
export { buildInference, type Averaging, type InferenceOptions } from './predict/inference.js';
export { scoreImages, type ImageScores, type ScoreOptions } from './predict/scores.js';
export { createGradCam, lastFeatures, type GradCam, type GradCamOptions } from './explain/grad-cam.js';
export { overlay, valueAt, type HeatMap } from './explain/heat-map.js';
export { occlusionMap, type OcclusionOptions } from './explain/occlusion.js';
export { probeBlock } from './runtime/probe.js';
export type { Feeds, Runtime, Session, SessionOptions } from './runtime/session.js';
export type { DescribedRuntime, DescribedSession, Port } from './runtime/session.js';

// Files of Hailo's compiler
export { HAILO_ARCHITECTURES, type HailoArchitecture } from './export/hailo/bundle/architectures.js';
export type { BundleManifest } from './export/hailo/bundle/manifest.js';
export { modelScript, type ScriptOptions } from './export/hailo/bundle/script.js';
export type { ByteSource } from './export/hailo/bytes.js';
export { describeHar } from './export/hailo/har/describe.js';
export type { HarDescription, HarLayer, HarState } from './export/hailo/har/description.js';
export { formatHar } from './export/hailo/har/text.js';
export { describeHef } from './export/hailo/hef/describe.js';
export type { HefDescription, HefNetworkGroup, HefStream } from './export/hailo/hef/description.js';
export { formatHef } from './export/hailo/hef/text.js';
