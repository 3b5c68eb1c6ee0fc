import { join } from 'node:path';

import { alignTable } from '../evaluate/table.js';
import { commandLines } from '../export/hailo/bundle/commands.js';
import { bundleJob } from '../export/hailo/bundle/readme.js';
import type { HailoBundle } from './hailo-bundle-job.js';

/** A bundle as text for people: what it holds and what to do with it. */
export function formatHailoBundle({ out, manifest, heldOut, files }: HailoBundle): string {
  const { name, architecture, input, nodes, calibration, script, check } = manifest;
  const perClass = Object.entries(calibration.perClass).map(([label, n]) => `${n} ${label}`);
  const rows = [
    ['bundle', out],
    ['network', `${name} for ${architecture}, input uint8 ${input.join('×')} RGB`],
    [
      'nodes',
      `${nodes.onnx.start} to ${nodes.onnx.end} (ONNX), ${nodes.tflite.start} to ${nodes.tflite.end} (TensorFlow Lite)`,
    ],
    ['calibration', `${calibration.images} training images: ${perClass.join(', ')}`],
    ['held out', `${heldOut} training images with the pixels of a validation or test image left out`],
    [
      'script',
      `optimization level ${script.optimizationLevel}, compression level ${script.compressionLevel}, ` +
        `fine-tuning ${script.finetune ? 'on' : 'off'}`,
    ],
    [
      'check',
      `${check.images} images (${check.split}), float accuracy ${(100 * check.accuracy).toFixed(2)} %`,
    ],
    ['files', files.join(', ')],
  ];
  const commands = [`cd ${out}`, ...commandLines(bundleJob(manifest, 'onnx'))];
  return [
    ...alignTable(rows, [0, 1]),
    '',
    "Next, where Hailo's compiler is installed:",
    ...commands.map((line) => `  ${line}`),
    `or: mien hailo compile ${out} --out ${join(out, '..', `${name}-${architecture}`)}`,
    '',
  ].join('\n');
}
