import { GraphError, InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { float32, type Tensor } from '../core/tensor.js';
import { gradients } from '../autodiff/gradients.js';
import { lowerGraph } from '../lower/lower.js';
import { forwardAll } from '../models/forward.js';
import { InferenceContext } from '../models/inference.js';
import type { LayerGraph } from '../models/layer-graph.js';
import { preprocess } from '../models/preprocess.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import type { Runtime } from '../runtime/session.js';
import type { HeatMap } from './heat-map.js';

/** What {@link createGradCam} explains: a model that ends in logits. */
export interface GradCamOptions {
  readonly graph: LayerGraph;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly preprocessing: Preprocessing;
  /** [C, h, w] of the pictures that come in, pixels 0..255. */
  readonly pictureShape: readonly [number, number, number];
  /** Node whose feature maps are read; default {@link lastFeatures}. */
  readonly layer?: string;
}

/** A model compiled for Grad-CAM. */
export interface GradCam {
  /** Node whose feature maps are read. */
  readonly layer: string;
  /**
   * Where the evidence for a class lies.
   * @param picture `[C, h, w]`, pixels 0..255
   * @param target position of the class
   * @throws InputError when there is no such class
   * @returns a map of the layer's height and width, its largest value 1 unless nothing speaks for the class
   */
  explain(picture: Float32Array, target: number): Promise<HeatMap>;
  close(): Promise<void>;
}

/**
 * Compiles a model and the gradient of its logits with respect to a layer's feature maps (Selvaraju et al., "Grad-CAM",
 * ICCV 2017): the map is relu(Σ_c mean(∂logit/∂A_c) · A_c).
 *
 * @throws GraphError when the layer has no feature maps, or the logits do not depend on it
 * @example
 * const cam = await createGradCam(ortNode(), { ...model, pictureShape: [1, 48, 48] });
 * const { values } = await cam.explain(planes, model.classes.indexOf('happy'));
 */
export async function createGradCam(runtime: Runtime, options: GradCamOptions): Promise<GradCam> {
  const layer = options.layer ?? lastFeatures(options.graph);
  const { bytes, classes } = gradCamModel(options, layer);
  const session = await runtime.createSession(bytes);
  return {
    layer,
    explain: async (picture, target) => {
      if (!Number.isInteger(target) || target < 0 || target >= classes) throw noClass(target, classes);
      const oneHot = Float32Array.from({ length: classes }, (_, i) => (i === target ? 1 : 0));
      const { features, gradient } = await session.run({
        x: float32(picture, [1, ...options.pictureShape]),
        target: float32(oneHot, [1, classes]),
      });
      return weighted(features, gradient);
    },
    close: () => session.close(),
  };
}

/** The last node with feature maps of more than one place: what a global pooling reads. @throws InputError without any */
export function lastFeatures(graph: LayerGraph): string {
  const found = graph.nodes.filter(({ name }) => {
    const [height = 1, width = 1, channels] = graph.shapeOf(name);
    return channels !== undefined && height * width > 1 && !graph.inputs.includes(name);
  });
  const last = found.at(-1);
  if (last !== undefined) return last.name;
  const expected = 'a convolutional network';
  throw new InputError({ where: 'Grad-CAM', received: 'a model without feature maps', expected });
}

/** Inputs `x` [1, C, h, w] and `target` [1, K]; outputs `features` and `gradient` [1, c, H, W]. */
function gradCamModel({ graph, weights, preprocessing, pictureShape }: GradCamOptions, layer: string) {
  const builder = new GraphBuilder('grad_cam', schemaOf);
  const o = new Emitter(builder);
  const classes = graph.shapeOf(graph.outputs[0] ?? '').at(-1) ?? 0;
  const x = builder.input('x', 'float32', [1, ...pictureShape]);
  const target = builder.input('target', 'float32', [1, classes]);
  const context = new InferenceContext(builder, graph, weights);
  const values = forwardAll(graph, context, [preprocess(o, x, preprocessing)]);
  const [logits, features] = [values.get(graph.outputs[0] ?? ''), values.get(layer)];
  if (logits === undefined || features?.shape.length !== 4) throw noFeatures(layer);
  const score = o.reduceSum(o.mul(logits, target), [0, 1]);
  const [gradient] = gradients(builder, o.reshape(score, []), [features]);
  if (gradient === undefined) throw noFeatures(layer);
  builder.output('features', features);
  builder.output('gradient', gradient);
  return { bytes: encodeModel(lowerGraph(builder.build(), { kind: 'portable' })), classes };
}

/** relu(Σ_c mean(gradient_c) · features_c), divided by its largest value. */
function weighted(features: Tensor | undefined, gradient: Tensor | undefined): HeatMap {
  const [, channels = 0, height = 0, width = 0] = features?.shape ?? [];
  const size = height * width;
  const [a, g] = [features?.data, gradient?.data] as [Float32Array, Float32Array];
  const sums = new Float32Array(size);
  for (let c = 0; c < channels; c++) {
    let alpha = 0;
    for (let i = 0; i < size; i++) alpha += (g[c * size + i] ?? 0) / size;
    for (let i = 0; i < size; i++) sums[i] = (sums[i] ?? 0) + alpha * (a[c * size + i] ?? 0);
  }
  const most = sums.reduce((most, value) => Math.max(most, value), 0);
  const values = sums.map((value) => (most > 0 ? Math.max(0, value) / most : 0));
  return { width, height, values };
}

function noClass(target: number, classes: number): InputError {
  const expected = `a class between 0 and ${classes - 1}`;
  return new InputError({ where: 'Grad-CAM', received: String(target), expected });
}

function noFeatures(layer: string): GraphError {
  return new GraphError({ where: 'Grad-CAM', received: `"${layer}"`, expected: 'a node with feature maps' });
}
