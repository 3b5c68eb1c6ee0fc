import { InputError } from '../core/errors.js';
import type { LayerGraph } from './layer-graph.js';
import { densenet121 } from './densenet121.js';
import { mobileNetV2 } from './mobilenet-v2.js';
import { mobileNetV3Large } from './mobilenet-v3-large.js';
import { mobileNetV3Small } from './mobilenet-v3-small.js';
import { nasnetMobile } from './nasnet-mobile.js';
import type { NetOptions } from './net-options.js';

/** Builders of backbones by name. */
const NETS = {
  mobileNetV3Small,
  mobileNetV3Large,
  mobileNetV2,
  densenet121,
  nasnetMobile,
} as const satisfies Record<string, (options: NetOptions) => LayerGraph>;

/** Name of a net that can be trained. */
export type NetName = keyof typeof NETS;

/** Names of all nets. */
export const netNames = Object.keys(NETS) as readonly NetName[];

/**
 * Builds a backbone without its classifier.
 * @throws InputError on an unknown name, or another width of a net that has one only
 */
export function buildNet(name: string, options: NetOptions): LayerGraph {
  const known = netNames.find((candidate) => candidate === name);
  if (known !== undefined) {
    checkWidth(known, options);
    return NETS[known](options);
  }
  throw new InputError({ where: 'model', received: `"${name}"`, expected: `one of ${netNames.join(', ')}` });
}

function checkWidth(name: NetName, { alpha = 1 }: NetOptions): void {
  if (alpha === 1 || name.startsWith('mobileNet')) return;
  throw new InputError({ where: 'alpha', received: `${alpha} for ${name}`, expected: '1, or a MobileNet' });
}
