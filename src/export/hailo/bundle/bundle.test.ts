import { describe, expect, it } from 'vitest';

import { checkLogits } from './check.js';
import { formatChecksums, parseChecksums } from './checksums.js';
import { commandLines, type CompilerJob } from './commands.js';
import { compilerLayers } from './layer-names.js';
import { modelScript, normalizationCommand, type ScriptOptions } from './script.js';
import { checkOperators } from './supported.js';

const IMAGENET = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const OPTIONS: ScriptOptions = {
  preprocessing: IMAGENET,
  ...{ images: 1024, batchSize: 8, optimizationLevel: 1, compressionLevel: 0, finetune: false },
};

describe('modelScript', () => {
  it('normalizes in units of pixels and says every choice', () => {
    expect(modelScript({ ...OPTIONS, a16w16: ['mien/fc1', 'mien/conv1'] })).toBe(
      [
        'normalization1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])',
        'model_optimization_flavor(optimization_level=1, compression_level=0)',
        'model_optimization_config(calibration, batch_size=8, calibset_size=1024)',
        'pre_quantization_optimization(equalization, policy=enabled)',
        'post_quantization_optimization(bias_correction, policy=enabled)',
        'post_quantization_optimization(finetune, policy=disabled)',
        'quantization_param(mien/fc1, precision_mode=a16_w16)',
        'quantization_param(mien/conv1, precision_mode=a16_w16)',
        '',
      ].join('\n'),
    );
  });

  it('fine-tunes on all images where asked to, and corrects nothing at level 0', () => {
    const tuned = modelScript({ ...OPTIONS, images: 2000, optimizationLevel: 2, finetune: true });
    expect(tuned).toContain('post_quantization_optimization(finetune, policy=enabled, dataset_size=2000)');
    const plain = modelScript({ ...OPTIONS, images: 16, optimizationLevel: 0 });
    expect(plain).toContain('post_quantization_optimization(bias_correction, policy=disabled)');
    expect(plain).toContain('calibset_size=16)');
  });

  it('writes records of a range as public scripts do, with a decimal point', () => {
    const range = { scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
    expect(normalizationCommand(range)).toBe('normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])');
    const unit = { scale: 1 / 255, mean: [0], std: [1] };
    expect(normalizationCommand(unit)).toBe('normalization([0.0], [255.0])');
  });

  it.each([
    [
      { images: 1023 },
      '--images: received 1023 images with optimization level 1, expected at least 1024, without which the compiler ' +
        'drops to level 0; ask for more images, or for --optimization-level 0.',
    ],
    [{ optimizationLevel: 5 }, '--optimization-level: received 5, expected an integer between 0 and 4.'],
    [{ compressionLevel: 6 }, '--compression-level: received 6, expected an integer between 0 and 5.'],
    [
      { compressionLevel: 1 },
      '--compression-level: received 1 with optimization level 1, expected optimization level 2 or more, without ' +
        'which the compiler does not compress.',
    ],
    [{ finetune: true }, '--finetune: received optimization level 1, expected optimization level 2 or more.'],
  ])('refuses %j', (change, message) => {
    expect(() => modelScript({ ...OPTIONS, ...change })).toThrow(message);
  });
});

describe('commandLines', () => {
  const job: CompilerJob = {
    ...{ name: 'mien', architecture: 'hailo8l', from: 'onnx', nodes: { start: 'conv', end: 'logits' } },
    ...{ model: 'model.onnx', calibration: 'calib.npy', script: 'model.alls', out: '.' },
  };

  it('are the three of the public documentation', () => {
    expect(commandLines(job)).toEqual([
      'hailo parser onnx model.onnx --net-name mien --hw-arch hailo8l --start-node-names conv --end-node-names logits --har-path mien.har -y',
      'hailo optimize mien.har --hw-arch hailo8l --calib-set-path calib.npy --model-script model.alls --output-har-path mien_quantized.har',
      'hailo compiler mien_quantized.har --hw-arch hailo8l --output-dir . --output-har-path mien_compiled.har',
    ]);
  });

  it('quotes what a shell would split', () => {
    const [first] = commandLines({ ...job, from: 'tflite', model: "my model's.tflite" });
    expect(first).toContain("hailo parser tf 'my model'\\''s.tflite' --net-name");
  });
});

describe('checksums', () => {
  const digest = 'ab'.repeat(32);

  it('come back as they were, sorted by path', () => {
    const text = formatChecksums(
      new Map([
        ['b.npy', digest],
        ['a/x y.json', digest],
      ]),
    );
    expect(text).toBe(`${digest}  a/x y.json\n${digest}  b.npy\n`);
    expect([...parseChecksums('SHA256SUMS', text).keys()]).toEqual(['a/x y.json', 'b.npy']);
  });

  it.each([`${digest}  ../x`, `${digest}  /etc/passwd`, `${digest}  a/../../x`, `${digest}  C:x`, 'text'])(
    'refuses %s',
    (line) => {
      expect(() => parseChecksums('SHA256SUMS', line)).toThrow(
        'expected lines of a SHA-256 digest and a path inside',
      );
    },
  );
});

describe('checkOperators', () => {
  const known = {
    model: 'net',
    onnx: [{ kind: 'Conv', name: 'a' }],
    tflite: [{ kind: 'CONV_2D', name: 'a' }],
  };

  it('lets known operators pass and names the first other', () => {
    expect(() => checkOperators(known)).not.toThrow();
    expect(() => checkOperators({ ...known, onnx: [{ kind: 'Gather', name: 'pick' }] })).toThrow(
      `model "net": received the operator Gather ("pick"), expected operators that Hailo's compiler takes; ` +
        'choose a net without it, e.g. mobileNetV3Small.',
    );
    expect(() => checkOperators({ ...known, tflite: [{ kind: 'GATHER', name: 'pick' }] })).toThrow('GATHER');
  });
});

describe('compilerLayers', () => {
  const layers = [
    { name: 'mien/conv1', originalNames: ['conv', 'activation'] },
    { name: 'mien/fc1', originalNames: ['mien/logits'] },
  ];

  it('finds the layer that a node became, with or without a scope, once', () => {
    expect(compilerLayers('x.har', layers, ['logits', 'conv', 'activation'])).toEqual([
      'mien/fc1',
      'mien/conv1',
    ]);
  });

  it('does not take the end of another name for it', () => {
    expect(() => compilerLayers('x.har', layers, ['gits'])).toThrow(
      'x.har: received no layer that stems from the node "gits", expected one to keep 16 bits',
    );
  });
});

describe('checkLogits', () => {
  it('measures accuracy, agreement and distance', () => {
    const float = Float32Array.of(2, 1, 0, 3, 1, 0, 5, 4);
    const outcome = checkLogits({
      ...{ labels: [0, 1, 0, 1], classes: 2, float },
      emulated: float.map((value) => value + 0.5),
      // The third image turns right, the fourth turns right too; distances 0, 3 and 2.
      quantized: Float32Array.of(2, 1, 0, 3, 1, 0, 3, 4),
    });
    expect(outcome.float.accuracy).toBe(0.75);
    expect(outcome.emulated).toEqual({
      ...{ accuracy: 0.75, agreement: 1, largestDifference: 0.5, meanDifference: 0.5 },
    });
    expect(outcome.quantized).toEqual({
      ...{ accuracy: 1, agreement: 0.75, largestDifference: 2, meanDifference: 0.25 },
    });
  });
});
