import { InputError } from '../../core/errors.js';
import { inputLayer } from '../../layers/input-layer.js';
import { isJsonObject, type Json, type JsonObject } from '../../layers/json.js';
import type { Layer } from '../../layers/layer.js';
import { isOperationName, operationDraft } from '../../layers/operation.js';
import { layerFromConfig } from '../../layers/registry.js';
import { snakeCase } from '../../models/net-builder.js';
import { readCall, readRefs, type Call, type TensorRef } from './inbound.js';
import { groupNames } from './weights-h5.js';

/** One item of a model's `layers`. */
export interface Entry {
  readonly name: string;
  /** Its class, of a bare operation too. */
  readonly className: string;
  /** Makes the layer under a name of its own; undefined for a model inside the model. */
  readonly create: ((name: string, call: Call) => Layer) | undefined;
  readonly model: Template | undefined;
  /** Its group in the weights' file. */
  readonly group: string;
  readonly calls: readonly Call[];
}

/** A model as its configuration describes it, models inside it included. */
export interface Template {
  readonly name: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

/** Sizes for inputs whose configuration leaves them open. */
export type OpenShape = readonly number[] | undefined;

const DEEPEST = 8;
const MOST_LAYERS = 20_000;

/** Whether a class name means a model. */
export function isModelClass(
  className: Json | undefined,
): className is 'Functional' | 'Sequential' | 'Model' {
  return className === 'Functional' || className === 'Sequential' || className === 'Model';
}

/**
 * Reads a serialized model.
 * @param group its group in the weights' file, `''` for the outermost
 * @throws InputError naming what is malformed or not supported
 */
export function readTemplate(json: JsonObject, open: OpenShape, group = '', depth = 0): Template {
  const { config, class_name: className } = json;
  const name = isJsonObject(config) && typeof config['name'] === 'string' ? config['name'] : 'model';
  const where = `model "${name}"`;
  const layers = isJsonObject(config) ? config['layers'] : undefined;
  if (!isJsonObject(config) || !Array.isArray(layers)) throw refuse(where, 'no list of layers', 'one');
  if (depth > DEEPEST || layers.length > MOST_LAYERS)
    throw refuse(where, 'too many layers or levels', `at most ${MOST_LAYERS} layers and ${DEEPEST} levels`);
  const items = (layers as readonly Json[]).map((item) => readItem(where, item));
  const groups = groupsOf(items, className === 'Sequential');
  const entries = items.map((item) =>
    readEntry(item, open, `${group}layers/${groups.get(item) ?? ''}`, depth),
  );
  if (className === 'Sequential') return chain(name, entries, config, open);
  return {
    name,
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    inputs: readRefs(where, config['input_layers']),
    outputs: readRefs(where, config['output_layers']),
  };
}

interface Item {
  readonly json: JsonObject;
  readonly className: string;
  readonly name: string;
  readonly config: JsonObject;
  readonly isOperation: boolean;
}

function readItem(where: string, json: Json): Item {
  const { class_name: className, config, module } = isJsonObject(json) ? json : {};
  const name = isJsonObject(config) ? config['name'] : undefined;
  if (
    !isJsonObject(json) ||
    typeof className !== 'string' ||
    !isJsonObject(config) ||
    typeof name !== 'string'
  )
    throw refuse(where, 'an entry that is no layer', 'class names, names and configurations');
  const isOperation =
    typeof module === 'string' ? /^keras\.(src\.)?ops\b/.test(module) : isLegacyOperation(className, json);
  return { json, className, name, config, isOperation };
}

/** The legacy format does not say where a class is from; a layer takes no bare numbers, arithmetic does. */
function isLegacyOperation(className: string, { inbound_nodes: calls }: JsonObject): boolean {
  if (!isOperationName(className) || !Array.isArray(calls)) return false;
  return (calls as readonly Json[]).some((call) => {
    const args = isJsonObject(call) ? call['args'] : undefined;
    return Array.isArray(args) && (args.length > 1 || !Array.isArray(args[0]));
  });
}

/** Keras counts groups over real layers only, and leaves a sequential model's input out. */
function groupsOf(items: readonly Item[], isSequential: boolean): ReadonlyMap<Item, string> {
  const real = items.filter(
    (item) => !item.isOperation && !(isSequential && item.className === 'InputLayer'),
  );
  const names = groupNames(real.map((item) => snakeCase(item.className)));
  return new Map(real.map((item, i) => [item, names[i] ?? '']));
}

function readEntry(item: Item, open: OpenShape, group: string, depth: number): Entry {
  const { name, className, json, isOperation } = item;
  const where = `layer "${name}"`;
  const inbound = json['inbound_nodes'];
  const calls = Array.isArray(inbound)
    ? (inbound as readonly Json[]).map((call) => readCall(where, call))
    : [];
  const entry = { name, className, calls, group, model: undefined };
  if (isModelClass(className))
    return { ...entry, create: undefined, model: readTemplate(json, open, `${group}/`, depth + 1) };
  if (!isOperation) return { ...entry, create: layerMaker(item, open) };
  if (isOperationName(className))
    return { ...entry, create: (own, { operand }) => operationDraft(className, operand).create(own) };
  throw refuse(where, `the operation ${className}`, 'Add, Subtract, Multiply or Divide');
}

/** Reads the configuration at once, so that what is not supported is refused under the file's own names. */
function layerMaker(item: Item, open: OpenShape): (name: string) => Layer {
  const { className, name } = item;
  const config = withInputShape(item, open);
  const layer = layerFromConfig(className, name, config);
  return (own) => (own === name ? layer : layerFromConfig(className, own, config));
}

/** Fills in an open input size. */
function withInputShape({ className, config }: Item, inputShape: OpenShape): JsonObject {
  const shape = config['batch_shape'] ?? config['batch_input_shape'];
  if (className !== 'InputLayer' || !Array.isArray(shape)) return config;
  const sizes = (shape as readonly Json[]).slice(1);
  const isOpen = inputShape?.length === sizes.length && sizes.includes(null);
  return { ...config, batch_shape: isOpen ? [null, ...inputShape] : shape };
}

function chain(name: string, entries: readonly Entry[], config: JsonObject, open: OpenShape): Template {
  const [first] = entries;
  const hasInput = first?.className === 'InputLayer';
  const all = hasInput ? entries : [openEntry(name, config, open), ...entries];
  const refs = all.map(({ name: entry }) => ({ entry, call: 0, tensor: 0 }));
  const linked = all.map((entry, i) => {
    const before = refs[i - 1];
    const calls = before === undefined ? [] : [{ refs: [before], operand: undefined, training: undefined }];
    return [entry.name, { ...entry, calls }] as const;
  });
  return { name, entries: new Map(linked), inputs: refs.slice(0, 1), outputs: refs.slice(-1) };
}

/** The entry that a sequential model's configuration may leave out. */
function openEntry(name: string, config: JsonObject, inputShape: OpenShape): Entry {
  const shape = config['build_input_shape'];
  const sizes = Array.isArray(shape) ? (shape as readonly Json[]).slice(1) : [];
  const known = sizes.length > 0 && sizes.every((size) => typeof size === 'number') ? sizes : inputShape;
  if (known === undefined)
    throw refuse(`model "${name}"`, 'no input size', 'one; give the input size as an option');
  const create = (own: string) => inputLayer(known).create(own);
  const entry = { className: 'InputLayer', create, model: undefined, group: '', calls: [] };
  return { name: `${name}_input`, ...entry };
}

function refuse(where: string, received: string, expected: string): InputError {
  return new InputError({ where, received, expected });
}
