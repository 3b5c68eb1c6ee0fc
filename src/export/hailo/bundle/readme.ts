import type { Preprocessing } from '../../../core/preprocessing.js';
import { RELEASE_LINES } from './architectures.js';
import { commandLines, stageFiles, type BundleModel, type CompilerJob } from './commands.js';
import { BUNDLE_FILES, type BundleManifest } from './manifest.js';
import { normalizationCommand } from './script.js';

/** The compiler's commands for a bundle, run inside its folder. */
export function bundleJob(
  { name, architecture, nodes }: Pick<BundleManifest, 'name' | 'architecture' | 'nodes'>,
  from: BundleModel,
): CompilerJob {
  const { calibration, script } = BUNDLE_FILES;
  const files = { model: BUNDLE_FILES[from], calibration, script, out: '.' };
  return { name, architecture, from, nodes: nodes[from], ...files };
}

/** The bundle's `README.md`. */
export function bundleReadme(manifest: BundleManifest, preprocessing: Preprocessing): string {
  const { name, architecture, classes } = manifest;
  const { compiler, runtime } = RELEASE_LINES[architecture];
  const parts = [
    `# ${name} for ${architecture}\n`,
    "Everything that Hailo's Dataflow Compiler needs to make an executable (HEF) of this model. The compiler is not",
    `in here: it runs on Linux x86-64 and is downloaded from Hailo's developer zone (release line ${compiler} for`,
    `${architecture}). The executable is loaded by HailoRT ${runtime}.\n`,
    '## Three commands\n',
    "In this folder, in the compiler's own Python environment:\n",
    `\`\`\`sh\n${commandLines(bundleJob(manifest, 'onnx')).join('\n')}\n\`\`\`\n`,
    `The result is \`${stageFiles({ name, out: '.' }).hef}\`. \`mien hailo compile\` runs the same commands, resumes where`,
    'one failed, and compares the quantized model with the float one on the check images.\n',
    'From TensorFlow Lite instead of ONNX, the first command is:\n',
    `\`\`\`sh\n${commandLines(bundleJob(manifest, 'tflite'))[0] ?? ''}\n\`\`\`\n`,
    'If the optimization fails, for want of memory or of a GPU, try it with `model_level0.alls`.\n',
    ...precisionPart(manifest),
    inputPart(manifest, preprocessing),
    `Outputs: ${classes.length} logits in the order ${classes.join(', ')}; a softmax on the host makes probabilities.\n`,
    filesPart(manifest),
    "Whether this model compiles has not been tried with a real compiler by Mien's makers.\n",
  ];
  return parts.join('\n');
}

function precisionPart({ a16w16 }: BundleManifest): string[] {
  if (a16w16.length === 0) return [];
  return [
    '## Layers at 16 bits\n',
    `These nodes of the float model are to keep 16 bits: ${a16w16.join(', ')}. The compiler calls its layers otherwise;`,
    '`mien hailo compile` looks the names up after the first command and adds the lines. By hand: find the layer whose',
    "original name is the node's with `mien hailo inspect FILE.har --json`, and append to `model.alls`",
    '`quantization_param(LAYER, precision_mode=a16_w16)`.\n',
  ];
}

function inputPart({ input }: BundleManifest, preprocessing: Preprocessing): string {
  const { sourceSize, inputSize, colour, interpolation } = preprocessing;
  const [height, width, channels] = input;
  const size = ([h, w]: readonly [number, number]) => `${h}×${w}`;
  const resize =
    size(sourceSize) === size(inputSize)
      ? `resize to ${size(inputSize)}`
      : `resize to ${size(sourceSize)} (antialiased bicubic), then to ${size(inputSize)} (${interpolation})`;
  const copy = colour === 'grey' ? 'make it grey (luma)' : 'keep the colours';
  return [
    '## What the device is fed\n',
    `uint8 pictures [${[height, width, channels].join(', ')}], RGB, 0 to 255, not normalized: the chip does that`,
    `(\`${normalizationCommand(preprocessing)}\`). Before that, on the host: ${copy}, ${resize}, round, ` +
      `${channels === 3 && colour === 'grey' ? 'copy to three channels' : 'nothing more'}. The record is in \`preprocessing.json\`.\n`,
  ].join('\n');
}

function filesPart({ calibration, check }: BundleManifest): string {
  const rows = [
    ['model.onnx, model.tflite', 'the float model, one picture per run, normalized input, logits out'],
    [
      'calib.npy',
      `${calibration.images} training images for calibration, uint8 RGB, not normalized (seed ${calibration.seed}); their names are in calib_images.txt`,
    ],
    ['model.alls', 'model script for the optimization; model_level0.alls is the fallback'],
    [
      'check/',
      `${check.images} images (${check.split}), their classes, and the float model's logits; accuracy ${(100 * check.accuracy).toFixed(2)} %`,
    ],
    ['labels.json', 'class names in the order of the outputs; no HEF holds them'],
    ['preprocessing.json', 'how a picture becomes input'],
    ['bundle.json', 'all of this for programs'],
    ['SHA256SUMS', 'checksums; `sha256sum -c SHA256SUMS`'],
  ];
  return [
    '## Files\n',
    '| file | holds |',
    '| --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}
