import { InputError } from '../../../core/errors.js';
import type { HarLayer } from './description.js';
import { namesIn, numbersIn, recordIn, textIn } from './json.js';

/**
 * The layers of a graph, in the file's order.
 *
 * @param layers the graph's `layers`: an object, name to layer
 * @throws InputError when there are none.
 */
export function describeLayers(where: string, layers: unknown): HarLayer[] {
  const rows = Object.entries(recordIn(layers));
  if (rows.length > 0) return rows.map(([name, layer]) => describeLayer(name, recordIn(layer)));
  throw new InputError({ where, received: 'a graph without layers', expected: 'the layers of a model' });
}

function describeLayer(name: string, layer: Readonly<Record<string, unknown>>): HarLayer {
  const params = recordIn(layer['params']);
  const activation = textIn(params, 'activation');
  return {
    name,
    type: textIn(layer, 'type'),
    inputs: namesIn(layer['input']),
    outputs: namesIn(layer['output']),
    outputShapes: shapesIn(layer['output_shapes']),
    kernelShape: numbersIn(params['kernel_shape']),
    activation: activation === '' || activation === 'linear' ? null : activation,
    originalNames: namesIn(layer['original_names']),
  };
}

function shapesIn(value: unknown): number[][] {
  if (!Array.isArray(value)) return [];
  return value.map((shape) => numbersIn(shape) ?? []);
}
