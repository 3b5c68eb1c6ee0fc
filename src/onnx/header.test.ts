import { describe, expect, it } from 'vitest';

import { drawnModel } from '../export/testing/models.js';
import { readOnnx } from '../export/onnx/read-onnx.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { readHeader } from './header.js';

const net = withHead(mobileNetV3Small({ inputShape: [32, 32, 3] }), { classes: 3, kind: 'light' });

describe('readHeader', () => {
  it('reads the same ends and metadata as the whole reader', () => {
    const bytes = writeOnnx(drawnModel(net));
    const { name, inputs, outputs, metadata } = readOnnx(bytes, 'x.onnx');
    expect(metadata.size).toBeGreaterThan(2);
    expect(readHeader(bytes, 'x.onnx')).toEqual({ name, inputs, outputs, metadata });
  });

  it('says what came instead of a model', () => {
    const html = new TextEncoder().encode('<!doctype html>');
    expect(() => readHeader(html, 'x.onnx')).toThrow(
      'x.onnx: received 15 bytes that begin with "<!doctype ht"',
    );
    expect(() => readHeader(new Uint8Array(0), 'x.onnx')).toThrow(
      'x.onnx: received an empty file (no graph)',
    );
    expect(() => readHeader(writeOnnx(drawnModel(net)).subarray(0, 5000), 'x.onnx')).toThrow('(cut off)');
  });
});
