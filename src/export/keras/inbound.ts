import { InputError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../layers/json.js';
import type { Operand } from '../../layers/layer.js';

/** Keras's name of a value: which output of which call of which layer. */
export interface TensorRef {
  readonly entry: string;
  readonly call: number;
  readonly tensor: number;
}

/** One call of a layer as `config.json` describes it. */
export interface Call {
  readonly refs: readonly TensorRef[];
  /** The number beside a bare operation's only input. */
  readonly operand: Operand | undefined;
  readonly training: false | undefined;
}

/** Arguments nest at most this deep (a list in a list). */
const DEEPEST = 4;

/** Reads one item of `inbound_nodes`. @throws InputError on anything that is no tensor or number */
export function readCall(where: string, json: Json): Call {
  if (Array.isArray(json)) return legacyCall(where, json as readonly Json[]);
  const { args, kwargs } = isJsonObject(json) ? json : {};
  if (!Array.isArray(args)) throw refuse(where, 'a call without arguments');
  const list = args as readonly Json[];
  const number = list.findIndex((item) => typeof item === 'number');
  const value = list[number];
  return {
    refs: list.flatMap((item) => tensors(where, item, 0)),
    operand: typeof value === 'number' ? { value, side: number === 0 ? 'left' : 'right' } : undefined,
    training: readTraining(where, isJsonObject(kwargs) ? kwargs : {}),
  };
}

/** Reads `["layer", call, tensor]`. @throws InputError */
export function readRef(where: string, json: Json | undefined): TensorRef {
  const [entry, call, tensor] = Array.isArray(json) ? (json as readonly Json[]) : [];
  if (typeof entry === 'string' && isIndex(call) && isIndex(tensor)) return { entry, call, tensor };
  throw refuse(where, 'a malformed reference to a layer');
}

/** Reads one reference or a list of them. @throws InputError */
export function readRefs(where: string, json: Json | undefined): TensorRef[] {
  const list = Array.isArray(json) ? (json as readonly Json[]) : [];
  return typeof list[0] === 'string' ? [readRef(where, list)] : list.map((item) => readRef(where, item));
}

/** Keras 2: [["layer", call, tensor, kwargs], ...]. */
function legacyCall(where: string, list: readonly Json[]): Call {
  const refs = readRefs(where, list);
  const last = Array.isArray(list[0]) ? (list[0] as readonly Json[])[3] : undefined;
  return { refs, operand: undefined, training: readTraining(where, isJsonObject(last) ? last : {}) };
}

function tensors(where: string, json: Json, depth: number): TensorRef[] {
  if (depth > DEEPEST) throw refuse(where, 'arguments nested too deep');
  if (Array.isArray(json))
    return (json as readonly Json[]).flatMap((item) => tensors(where, item, depth + 1));
  if (isJsonObject(json) && json['class_name'] === '__keras_tensor__') {
    const { config } = json;
    return [readRef(where, isJsonObject(config) ? config['keras_history'] : undefined)];
  }
  if (json === null || typeof json === 'number') return [];
  throw refuse(where, 'an argument that is neither a layer nor a number');
}

function readTraining(where: string, kwargs: JsonObject): false | undefined {
  const other = Object.keys(kwargs).find((key) => !['training', 'mask'].includes(key));
  if (other !== undefined) throw refuse(where, `the call argument "${other}"`);
  if (kwargs['training'] === true) throw refuse(where, 'a call with training=True');
  return kwargs['training'] === false ? false : undefined;
}

function isIndex(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function refuse(where: string, received: string): InputError {
  return new InputError({ where, received, expected: 'layers that take the outputs of other layers' });
}
