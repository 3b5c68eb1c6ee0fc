import { describe, expect, it } from 'vitest';

import { InputError } from '../../core/errors.js';
import { withHead } from '../../models/head.js';
import { buildNet, netNames } from '../../models/nets.js';
import { drawnModel, recordOf } from '../testing/models.js';
import { hubFiles } from './hub-files.js';

const modelOf = (net: string, record?: ReturnType<typeof recordOf>) =>
  drawnModel(withHead(buildNet(net, { inputShape: [64, 64, 3] }), { classes: 5, kind: 'light' }), record);
const json = (text: string | undefined) => JSON.parse(text ?? '') as Record<string, unknown>;

describe('hubFiles', () => {
  it('names classes both ways and leaves the pixels to the network', () => {
    const record = recordOf(64, { sourceSize: [48, 40] });
    const files = hubFiles({ ...modelOf('mobileNetV3Small', record), origin: { net: 'x', data: 'a|b\nc' } });
    expect([...files.keys()]).toEqual(['config.json', 'preprocessor_config.json', 'README.md']);
    expect(json(files.get('config.json'))).toMatchObject({
      architectures: ['MobileNetV3ForImageClassification'],
      model_type: 'mobilenet_v3',
      id2label: { 0: 'angry', 4: 'surprise' },
      label2id: { angry: 0, surprise: 4 },
    });
    const processor = json(files.get('preprocessor_config.json'));
    expect(processor).toMatchObject({
      size: { height: 48, width: 40 },
      do_rescale: false,
      do_normalize: false,
    });
    expect(processor['mien']).toEqual(record);
    expect(files.get('README.md')).toContain('| data | a\\|b c |');
  });

  it.each(netNames)('has a type that transformers.js knows for %s', (net) => {
    const type = json(hubFiles(modelOf(net, recordOf(64))).get('config.json'))['model_type'];
    expect(['mobilenet_v3', 'mobilenet_v2', 'resnet']).toContain(type);
  });

  it('refuses a model without a record or names', () => {
    const bare = modelOf('mobileNetV2');
    expect(() => hubFiles(bare)).toThrow(InputError);
    expect(() => hubFiles(bare)).toThrow('received a model without a preprocessing record, expected a');
    const nameless = { ...modelOf('mobileNetV2', recordOf(64)), classes: undefined };
    expect(() => hubFiles(nameless)).toThrow('received a model without class names, expected');
  });
});
