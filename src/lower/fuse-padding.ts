import { constantIntegers, consumersOf, producersOf, type Graph, type Node } from '../onnx/graph.js';

/** Moves zero padding of height and width into the convolutions that read it. */
export function fusePadding(graph: Graph): Graph {
  const producers = producersOf(graph.nodes);
  const fused = graph.nodes.map((node) => {
    const pad = node.opType === 'Conv' ? producers.get(node.inputs[0] ?? '') : undefined;
    const amounts = pad === undefined ? undefined : zeroPads(graph, pad);
    return pad === undefined || amounts === undefined ? node : withPads(node, pad, amounts);
  });
  return { ...graph, nodes: withoutUnreadPads(graph, fused) };
}

/** [top, left, bottom, right] of a Pad that adds zeros to height and width only. */
export function zeroPads(graph: Graph, pad: Node): number[] | undefined {
  const mode = pad.attributes['mode']?.value ?? 'constant';
  const pads = constantIntegers(graph, pad.inputs[1]);
  if (pad.opType !== 'Pad' || mode !== 'constant' || pads === undefined) return undefined;
  if ((pad.inputs[2] ?? '') !== '' || (pad.inputs[3] ?? '') !== '') return undefined;
  const [n0, c0, top = 0, left = 0, n1, c1, bottom = 0, right = 0] = pads;
  const spatial = pads.length === 8 && n0 === 0 && c0 === 0 && n1 === 0 && c1 === 0;
  return spatial && pads.every((amount) => amount >= 0) ? [top, left, bottom, right] : undefined;
}

function withPads(conv: Node, pad: Node, amounts: readonly number[]): Node {
  const own = conv.attributes['pads'];
  const before = own?.kind === 'ints' ? own.value : [0, 0, 0, 0];
  const pads = { kind: 'ints', value: amounts.map((amount, i) => amount + (before[i] ?? 0)) } as const;
  return {
    ...conv,
    inputs: [pad.inputs[0] ?? '', ...conv.inputs.slice(1)],
    attributes: { ...conv.attributes, pads },
  };
}

function withoutUnreadPads(graph: Graph, nodes: readonly Node[]): Node[] {
  const read = consumersOf(nodes);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  return nodes.filter(
    ({ opType, outputs: [name = ''] }) => opType !== 'Pad' || read.has(name) || outputs.has(name),
  );
}
