import { InputError } from '../../core/errors.js';
import { isJsonObject, type Json } from '../../layers/json.js';
import type { Layer } from '../../layers/layer.js';
import { LayerGraph, type LayerNode } from '../../models/layer-graph.js';
import type { Call, TensorRef } from './inbound.js';
import { isModelClass, readTemplate, type Entry, type Template } from './template.js';
import type { WeightPaths } from './weights-h5.js';

/** A model's graph and where its layers' weights lie. */
export interface ReadConfig {
  readonly graph: LayerGraph;
  readonly paths: WeightPaths;
  /** The model's own entries in their order, each with its layers: one, or all of a model inside the model. */
  readonly entries: readonly EntryLayers[];
}

/** An entry of the outermost model. */
export interface EntryLayers {
  readonly name: string;
  readonly layers: readonly Layer[];
}

/** No model has more values than this. */
const MOST_PARAMETERS = 2 ** 28;
/** Models that pass their input on may be nested this often. */
const DEEPEST = 64;
/** Calls in all, models inside models multiplied out. */
const MOST_CALLS = 20_000;

/**
 * Reads `config.json` of a functional or sequential model; models inside it are laid flat.
 *
 * @param inputShape [height, width, channels] where the configuration leaves the size open
 * @throws InputError naming the layer that is malformed or not supported
 */
export function readConfig(where: string, json: Json, inputShape?: readonly number[]): ReadConfig {
  if (!isJsonObject(json) || !isModelClass(json['class_name'])) {
    const found = isJsonObject(json) ? JSON.stringify(json['class_name'] ?? null) : 'nothing';
    throw new InputError({
      where,
      received: `a model of class ${found}`,
      expected: 'a Functional or Sequential model',
    });
  }
  const flattener = new Flattener();
  const template = readTemplate(json, inputShape);
  const graph = flattener.flatten(template);
  checkSize(where, graph);
  return { graph, paths: flattener.paths, entries: flattener.entriesOf(template) };
}

/** Where a model's nodes go: what its inputs are called outside, and whether it runs in inference only. */
interface Scope {
  readonly template: Template;
  /** Names that stand for the model's inputs; undefined for the outermost model. */
  readonly outer: { readonly scope: Scope; readonly call: Call } | undefined;
  readonly training: false | undefined;
  /** Name of each node by entry and call. */
  readonly names: Map<string, string>;
  readonly inner: Map<string, Scope>;
}

class Flattener {
  private readonly nodes: LayerNode[] = [];
  /** Group of each layer in the weights' file. */
  readonly paths = new Map<Layer, string>();
  private readonly taken = new Set<string>();
  /** A layer exists once, however often it or the model around it is called. */
  private readonly layers = new Map<Entry, Layer>();
  private readonly firstNames = new Map<Entry, string>();
  private calls = 0;

  flatten(template: Template): LayerGraph {
    const scope = this.enter(template, undefined, undefined, 0);
    this.emit(scope);
    const named = (refs: readonly TensorRef[]) => refs.map((ref) => this.resolve(scope, ref, 0));
    const [inputs, outputs] = [named(template.inputs), named(template.outputs)];
    if (outputs.length === 0 || inputs.length === 0)
      throw missing(template.name, 'no inputs or no outputs', 'at least one of each');
    return new LayerGraph({ name: template.name, nodes: this.nodes, inputs, outputs });
  }

  entriesOf({ entries }: Template): EntryLayers[] {
    return [...entries.values()].map((entry) => ({ name: entry.name, layers: this.layersOf(entry) }));
  }

  private layersOf(entry: Entry): Layer[] {
    if (entry.model !== undefined)
      return [...entry.model.entries.values()].flatMap((inner) => this.layersOf(inner));
    const layer = this.layers.get(entry);
    return layer === undefined ? [] : [layer];
  }

  /** Names every node before any is made: references may point forward. */
  private enter(
    template: Template,
    outer: Scope['outer'],
    training: false | undefined,
    depth: number,
  ): Scope {
    if (depth > DEEPEST) throw missing(template.name, 'models nested too deep', `at most ${DEEPEST} levels`);
    const scope: Scope = { template, outer, training, names: new Map(), inner: new Map() };
    for (const entry of template.entries.values()) {
      callsOf(entry).forEach((call, index) => {
        const key = `${entry.name}:${index}`;
        const { model } = entry;
        if (++this.calls > MOST_CALLS)
          throw missing(template.name, 'too many calls', `at most ${MOST_CALLS}`);
        if (isInnerInput(scope, entry)) return;
        if (model === undefined) scope.names.set(key, this.nameOf(entry, scope));
        else scope.inner.set(key, this.enter(model, { scope, call }, call.training ?? training, depth + 1));
      });
    }
    return scope;
  }

  private emit(scope: Scope): void {
    for (const entry of scope.template.entries.values()) {
      callsOf(entry).forEach((call, index) => {
        const key = `${entry.name}:${index}`;
        const inner = scope.inner.get(key);
        const name = scope.names.get(key);
        if (inner !== undefined) this.emit(inner);
        else if (name !== undefined && !isInnerInput(scope, entry)) this.push(scope, entry, call, name);
      });
    }
  }

  private push(scope: Scope, entry: Entry, call: Call, name: string): void {
    const inbound = call.refs.map((ref) => this.resolve(scope, ref, 0));
    const training = call.training ?? scope.training;
    const layer = this.layerOf(entry, call, name);
    this.nodes.push({ name, layer, inbound, ...(training === false ? { training } : {}) });
  }

  /** The flat name of a value. */
  private resolve(scope: Scope, ref: TensorRef, depth: number): string {
    const key = `${ref.entry}:${ref.call}`;
    const entry = scope.template.entries.get(ref.entry);
    const inner = scope.inner.get(key);
    if (depth > DEEPEST) throw missing(scope.template.name, 'a cycle of models', 'no cycle');
    if (inner !== undefined) {
      const output = inner.template.outputs[ref.tensor];
      if (output !== undefined) return this.resolve(inner, output, depth + 1);
    } else if (entry !== undefined && isInnerInput(scope, entry) && scope.outer !== undefined) {
      const place = scope.template.inputs.findIndex((input) => input.entry === ref.entry);
      const outside = scope.outer.call.refs[place];
      if (outside !== undefined) return this.resolve(scope.outer.scope, outside, depth + 1);
    } else {
      const name = scope.names.get(key);
      if (name !== undefined && ref.tensor === 0) return name;
    }
    throw missing(scope.template.name, `a reference to "${ref.entry}"`, 'the name of a layer of the model');
  }

  private layerOf(entry: Entry, call: Call, name: string): Layer {
    const known = this.layers.get(entry);
    if (known !== undefined) return known;
    const layer = entry.create?.(name, call);
    if (layer === undefined) throw missing(entry.name, 'a model', 'a layer');
    this.layers.set(entry, layer);
    this.paths.set(layer, entry.group);
    return layer;
  }

  /**
   * The layer's own name where it is free, `model_layer` where models inside one another share names, and
   * `layer:1`, `layer:2`, ... for further calls of one layer.
   */
  private nameOf(entry: Entry, { template }: Scope): string {
    const first = this.firstNames.get(entry);
    const candidates = first === undefined ? [entry.name, `${template.name}_${entry.name}`] : [];
    const free = candidates.find((candidate) => !this.taken.has(candidate));
    const name = free ?? this.numbered(first ?? entry.name);
    if (first === undefined) this.firstNames.set(entry, name);
    this.taken.add(name);
    return name;
  }

  private numbered(stem: string): string {
    for (let i = 1; ; i++) if (!this.taken.has(`${stem}:${i}`)) return `${stem}:${i}`;
  }
}

/** Inputs have no inbound calls but exist once. */
function callsOf({ calls, className }: Entry): readonly Call[] {
  return className === 'InputLayer' ? [{ refs: [], operand: undefined, training: undefined }] : calls;
}

function isInnerInput(scope: Scope, { className }: Entry): boolean {
  return scope.outer !== undefined && className === 'InputLayer';
}

function checkSize(where: string, graph: LayerGraph): void {
  const values = graph.weightSlots.reduce(
    (sum, { spec }) => sum + spec.shape.reduce((product, size) => product * size, 1),
    0,
  );
  if (values <= MOST_PARAMETERS) return;
  throw new InputError({ where, received: `${values} weights`, expected: `at most ${MOST_PARAMETERS}` });
}

function missing(model: string, received: string, expected: string): InputError {
  return new InputError({ where: `model "${model}"`, received, expected });
}
