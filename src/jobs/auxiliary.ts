import { dense } from '../layers/dense.js';
import type { LayerGraph } from '../models/layer-graph.js';
import type { Weights } from '../models/model.js';
import type { Answering } from '../train/fit-options.js';
import { trainingClasses } from './load-classes.js';
import type { TrainSettings } from './settings.js';

/** All classes that a training reads: those that its model answers, then the auxiliary ones. */
export function trainedClasses({ classes, recipe }: Pick<TrainSettings, 'classes' | 'recipe'>): string[] {
  const more = recipe.auxiliaryClasses ?? [];
  return [...classes, ...more.filter((name) => !classes.includes(name))];
}

/**
 * Settings whose auxiliary classes are those that the data has, and none that is part of a merged class: a recipe
 * names what helps where it is there.
 */
export function withPresentClasses(settings: TrainSettings): TrainSettings {
  const { recipe, data, map = {}, classes } = settings;
  const { auxiliaryClasses, ...others } = recipe;
  if (auxiliaryClasses === undefined) return settings;
  const taken = [...classes, ...Object.values(map).flat()];
  const there = trainingClasses(data);
  const present = auxiliaryClasses.filter((name) => !taken.includes(name) && there.includes(name));
  return { ...settings, recipe: present.length === 0 ? others : { ...others, auxiliaryClasses: present } };
}

/** Cuts the auxiliary classes off the last layer; undefined where there are none. */
export function answeringOf(settings: TrainSettings): Answering | undefined {
  const all = trainedClasses(settings).length;
  const own = settings.classes.length;
  if (all === own) return undefined;
  return {
    classes: own,
    graph: (graph) => withOutputs(graph, own),
    weights: (weights) => cut(weights, all, own),
  };
}

/** A graph whose last layer, `logits`, has so many units. */
function withOutputs(graph: LayerGraph, units: number): LayerGraph {
  const nodes = graph.nodes.map((node) =>
    node.name === 'logits' ? { ...node, layer: dense({ units }).create('logits') } : node,
  );
  return graph.with({ nodes });
}

/** Keeps the first columns of `logits/kernel` [F, all] and the first values of `logits/bias`. */
function cut(weights: Weights, all: number, own: number): Weights {
  const kernel = weights.get('logits/kernel') ?? new Float32Array(0);
  const bias = weights.get('logits/bias') ?? new Float32Array(0);
  const kept = kernel.filter((_, i) => i % all < own);
  return new Map([...weights, ['logits/kernel', kept], ['logits/bias', bias.slice(0, own)]]);
}
