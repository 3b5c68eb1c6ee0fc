import type { HefHeader } from './header.js';
import type { UnknownField } from './survey.js';
import type { VerifiedChecksum } from './verify.js';

/** What a HEF says about itself; ready for JSON. Sizes are in bytes. */
export interface HefDescription {
  readonly format: 'hef';
  /** Size of the file. */
  readonly bytes: number;
  readonly header: Omit<HefHeader, 'checksum' | 'protobufChecksum'>;
  /** Bytes behind everything that the header promises. */
  readonly trailingBytes: number;
  readonly checksums: readonly VerifiedChecksum[];
  readonly compiler: HefCompiler;
  readonly hardware: HefHardware;
  readonly features: readonly HefFeature[];
  readonly networkGroups: readonly HefNetworkGroup[];
  readonly externalResources: readonly HefResource[];
  /** What the chip is told to do, by kind of action as the schema names it, e.g. `enable_lcu`. */
  readonly actions: Readonly<Record<string, number>>;
  /** Always false: no field of the format holds the names of classes. They travel in a file of their own. */
  readonly hasClassNames: false;
  /** Bytes of `mapping`, a field whose content no public source describes. */
  readonly mappingBytes: number;
  /** The release whose schema the file was read by. */
  readonly schema: string;
  readonly unknownFields: readonly UnknownField[];
  /** Unknown fields at further places that are not listed. */
  readonly moreUnknownFields: number;
}

/** What compiled the file. */
export interface HefCompiler {
  /** Version of the Dataflow Compiler, as in `3.32.0`; empty when not stated. */
  readonly version: string;
  /** When, in ISO 8601; null when not stated. */
  readonly compiledAt: string | null;
  /** `version` of the protobuf's header: the compiler's own count of format changes. */
  readonly formatVersion: number;
}

/** The chip that the file was compiled for. */
export interface HefHardware {
  /** Name in the schema, e.g. `HAILO8P`. */
  readonly name: string;
  readonly number: number;
  /** Devices on which HailoRT accepts it, e.g. `hailo8`; none when not known. */
  readonly runsOn: readonly string[];
}

/** A feature that the file needs (or, if optional, would like) of the runtime. */
export interface HefFeature {
  readonly number: number;
  /** Name in the schema, e.g. `KO_RUN_ASAP`. */
  readonly name: string;
  /** The file's own words. */
  readonly text: string;
  readonly optional: boolean;
}

/** Models that run together. */
export interface HefNetworkGroup {
  readonly name: string;
  readonly index: number;
  readonly networks: readonly string[];
  /** Names of the outputs in the order in which HailoRT returns them. */
  readonly outputOrder: readonly string[];
  /** The compiler's estimate of the slowest stage, frames per second; 0 when not stated. */
  readonly estimatedFps: number;
  /** The compiler's simulated latency, in its own unit (it looks like seconds); 0 when not stated. */
  readonly estimatedLatency: number;
  /** Operations per frame; 0 when not stated. */
  readonly operations: number;
  readonly configurationChannels: number;
  /** One per set of clusters that the group was compiled for; most files have one. */
  readonly layouts: readonly HefLayout[];
  /** What HailoRT computes on the host behind the chip. */
  readonly hostOperators: readonly HefHostOperator[];
}

/** A group as compiled for all clusters of the chip, or for some. */
export interface HefLayout {
  /** Bit set of the clusters; null for all of them. */
  readonly clusters: number | null;
  readonly contexts: readonly HefContext[];
  readonly inputs: readonly HefStream[];
  readonly outputs: readonly HefStream[];
}

/** A part of the network that fits the chip at once. */
export interface HefContext {
  readonly index: number;
  readonly name: string;
  /** Steps of its configuration. */
  readonly operations: number;
  /** Edge layers by where they lead, e.g. `{ BOUNDARY: 2 }`. */
  readonly edgeLayers: Readonly<Record<string, number>>;
}

/** A stream between host and chip. */
export interface HefStream {
  readonly name: string;
  readonly kind: 'info' | 'mux' | 'planes';
  /** The network it belongs to, by its index. */
  readonly network: string;
  readonly context: number;
  /** `[height, width, features]` of one frame as the host sees it. */
  readonly shape: readonly [number, number, number];
  /** The same with the chip's padding. */
  readonly paddedShape: readonly [number, number, number];
  /** Element type on the chip's side. */
  readonly type: string;
  /** Order of the axes on the chip's side, and what HailoRT makes of it for the host by default. */
  readonly order: string;
  readonly hostOrder: string;
  /** Whether height and width are swapped on the chip. */
  readonly transposed: boolean;
  /** Bytes of a frame without padding; null where rows vary (non-maximum suppression) or parts differ. */
  readonly frameBytes: number | null;
  /** Bytes of a frame as the chip moves it. */
  readonly paddedFrameBytes: number;
  readonly quantization: HefQuantization | null;
  /** The layer of the compiler's network at this edge. */
  readonly layer: string;
  /** Names in the model that was compiled. */
  readonly originalNames: readonly string[];
  readonly nms: HefNms | null;
  /** Streams that share this one (`mux`) or its planes. */
  readonly parts: readonly string[];
}

/** real = scale × (stored − zeroPoint). */
export interface HefQuantization {
  readonly scale: number;
  readonly zeroPoint: number;
  /** Smallest and largest real value. */
  readonly limits: readonly [number, number];
  /** Values of each feature, where they differ from the common ones. */
  readonly perFeature: { readonly scales: readonly number[]; readonly zeroPoints: readonly number[] } | null;
}

/** Non-maximum suppression on the chip. */
export interface HefNms {
  readonly classes: number;
  readonly boxesPerClass: number;
  readonly burst: string;
}

/** An operator that HailoRT runs on the host. */
export interface HefHostOperator {
  readonly name: string;
  readonly kind: string;
  /** Classes of a detector; null for other operators. */
  readonly classes: number | null;
  readonly outputs: readonly HefPad[];
}

/** An operator's output. */
export interface HefPad {
  readonly name: string;
  readonly order: string;
  readonly type: string;
  /** `[height, width, features]`, or `[classes, boxes per class]` of a detector. */
  readonly shape: readonly number[];
}

/** A file inside the file, as of language models. */
export interface HefResource {
  readonly name: string;
  readonly bytes: number;
  /** Counted from the beginning of the file. */
  readonly offset: number;
  readonly checksum: VerifiedChecksum | null;
}
