import { InputError } from '../../../core/errors.js';
import { type ByteSource, sourceOf } from '../bytes.js';
import type { HefDescription } from '../hef/description.js';
import { describeHef } from '../hef/describe.js';
import type { HarDescription, HarScript, HarState, HarWeights } from './description.js';
import { gunzip, looksLikeGzip } from './gunzip.js';
import { describeLayers } from './layers.js';
import { namesIn, recordIn, readJson, textIn } from './json.js';
import { npzArrays } from './npz.js';
import { tarEntries, type TarEntry } from './tar.js';

/** Most bytes of one text file in an archive. */
const MOST_TEXT = 256 * 2 ** 20;

/**
 * Reads a HAR, the archive in which Hailo's compiler keeps a model between its stages, without Hailo's
 * software: state, layers, model script, weights (their headers only), and the executable of a compiled model.
 *
 * No public specification exists: the layout follows what Netron (its `hailo.js`) and public conversion scripts
 * read: `*.metadata.json`, `*.hn` (JSON), `*.npz`, `*.alls`.
 *
 * @param har the file's bytes, or a source that reads them on demand
 * @param where what messages call the file
 * @throws InputError when it is no such archive, truncated or damaged.
 * @example
 * const { state, layers } = describeHar(bytes, 'model.har');
 */
export function describeHar(har: Uint8Array | ByteSource, where = 'HAR'): HarDescription {
  const file = sourceOf(har);
  const packed = looksLikeGzip(file.read(0, Math.min(2, file.size)));
  const entries = tarEntries(where, packed ? gunzip(where, file) : file);
  const metadata = metadataOf(where, entries);
  const stateName = textIn(metadata, 'state');
  const graphs = graphsOf(entries, textIn(metadata, 'hn'));
  if (graphs.length === 0) throw noGraph(where, entries);
  const graph = recordIn(readJson(`${where}, ${graphs[0]?.name ?? ''}`, textOf(where, graphs[0])));
  const parameters = recordIn(graph['net_params']);
  return {
    format: 'har',
    ...{ bytes: file.size, gzip: packed },
    ...{ name: textIn(graph, 'name'), state: stateOf(stateName), stateName },
    compilerVersion: textIn(metadata, 'sdk_version') || textIn(parameters, 'version'),
    hardware: textIn(metadata, 'hw_arch'),
    graphs: graphs.map(({ name }) => name),
    layers: describeLayers(where, graph['layers']),
    outputOrder: namesIn(parameters['output_layers_order']),
    scripts: ofKind(entries, '.alls').map((entry) => scriptOf(where, entry)),
    weights: ofKind(entries, '.npz').map((entry) => weightsOf(where, entry)),
    hef: hefOf(where, entries),
    files: entries.map(({ name, content }) => ({ name, bytes: content.size })),
  };
}

/** The compiler's words for the states (the short ones in older files), and what they mean. */
const STATES: Readonly<Record<string, HarState>> = {
  hailo_model: 'native',
  native: 'native',
  fp_optimized_model: 'full-precision',
  quantized_model: 'quantized',
  quantized: 'quantized',
  compiled_model: 'compiled',
};

function stateOf(name: string): HarState | null {
  return Object.hasOwn(STATES, name) ? (STATES[name] ?? null) : null;
}

function ofKind(entries: readonly TarEntry[], ending: string): TarEntry[] {
  return entries.filter(({ name }) => name.endsWith(ending));
}

function metadataOf(where: string, entries: readonly TarEntry[]): Readonly<Record<string, unknown>> {
  const [entry] = ofKind(entries, '.metadata.json');
  if (entry === undefined) return {};
  return recordIn(readJson(`${where}, ${entry.name}`, textOf(where, entry)));
}

/** All graphs, the one that the metadata names first, else the main one: `.native.hn` and `.fp.hn` are variants. */
function graphsOf(entries: readonly TarEntry[], named: string): TarEntry[] {
  const rank = ({ name }: TarEntry) => {
    if (name === named) return 0;
    return /\.(native|fp)\.hn$/.test(name) ? 2 : 1;
  };
  return ofKind(entries, '.hn').sort((a, b) => rank(a) - rank(b));
}

function textOf(where: string, entry: TarEntry | undefined): string {
  const size = entry?.content.size ?? 0;
  if (size > MOST_TEXT) {
    const received = `${size} bytes of ${entry?.name ?? ''}`;
    throw new InputError({ where, received, expected: `at most ${MOST_TEXT} bytes` });
  }
  return new TextDecoder().decode(entry?.content.read(0, size));
}

function scriptOf(where: string, entry: TarEntry): HarScript {
  return { file: entry.name, text: textOf(where, entry) };
}

/** Arrays that are weights of the model; others hold ranges and settings of the quantization. */
const WEIGHT = /\/(kernel|bias)(:\d+)?$/;

function weightsOf(where: string, { name, content }: TarEntry): HarWeights {
  const arrays = npzArrays(`${where}, ${name}`, content);
  const types: Record<string, number> = {};
  for (const { dtype } of arrays) types[dtype] = (types[dtype] ?? 0) + 1;
  const parameters = arrays
    .filter((array) => WEIGHT.test(array.name))
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return { file: name, bytes: content.size, arrays: arrays.length, parameters, types };
}

function hefOf(where: string, entries: readonly TarEntry[]): HefDescription | null {
  const [entry] = ofKind(entries, '.hef');
  return entry === undefined ? null : describeHef(entry.content, `${where}, ${entry.name}`);
}

function noGraph(where: string, entries: readonly TarEntry[]): InputError {
  const names = entries.slice(0, 5).map(({ name }) => name);
  const received = `an archive of ${names.join(', ')}${entries.length > 5 ? ', …' : ''}`;
  return new InputError({ where, received, expected: 'a HAR, which has a graph (.hn) in it' });
}
