import { type ByteSource, sourceOf } from '../bytes.js';
import type { HefCompiler, HefDescription, HefFeature, HefHardware } from './description.js';
import { devicesOf } from './formats.js';
import { describeGroup } from './groups.js';
import { type HefHeader, readHeader } from './header.js';
import { Message } from './message.js';
import { enumName, SCHEMA_RELEASE } from './schema/index.js';
import { surveyMessage } from './survey.js';
import { verifyChecksums } from './verify.js';
import { describeResources } from './resources.js';
import { readable } from './wire.js';

/**
 * Reads a HEF, Hailo's executable, without Hailo's software: its header (checksums verified), the compiler and
 * chip, network groups, contexts, streams with shapes, formats and quantization, and every protobuf field that
 * the schema does not have.
 *
 * Layout and schema: hailo-ai/hailort 5.2.0, `hef_internal.hpp` and `hef.proto`. Only the protobuf is held in
 * memory; the rest passes through in pieces.
 *
 * @param hef the file's bytes, or a source that reads them on demand
 * @param where what messages call the file
 * @throws InputError when it is no HEF, of an unknown version, truncated or damaged.
 * @example
 * const { compiler, networkGroups } = describeHef(bytes, 'model.hef');
 */
export function describeHef(hef: Uint8Array | ByteSource, where = 'HEF'): HefDescription {
  const file = sourceOf(hef);
  const { checksum, protobufChecksum, ...header } = readHeader(where, file);
  const checksums = verifyChecksums(where, file, { ...header, checksum, protobufChecksum });
  const { headerBytes, protobufBytes, paddingBytes, configurationBytes, additionalBytes } = header;
  const end = headerBytes + protobufBytes + paddingBytes + configurationBytes + additionalBytes;
  return {
    format: 'hef',
    bytes: file.size,
    header,
    trailingBytes: file.size - end,
    checksums,
    ...readable(where, () => describeProtobuf(where, file, header)),
  };
}

type Header = Omit<HefHeader, 'checksum' | 'protobufChecksum'>;
type Content = Omit<HefDescription, 'format' | 'bytes' | 'header' | 'trailingBytes' | 'checksums'>;

function describeProtobuf(where: string, file: ByteSource, header: Header): Content {
  const bytes = file.read(header.headerBytes, header.protobufBytes);
  const { actions, unknownFields, moreUnknownFields } = surveyMessage(bytes, 'Hef');
  const hef = Message.root(where, bytes, 'Hef');
  return {
    compiler: compilerOf(hef.message('header')),
    hardware: hardwareOf(hef.message('header')),
    features: featuresOf(hef),
    networkGroups: hef.messages('network_groups').map(describeGroup),
    externalResources: describeResources(
      where,
      file,
      header.headerBytes + header.protobufBytes + header.paddingBytes,
      hef,
    ),
    actions,
    hasClassNames: false,
    mappingBytes: hef.length('mapping'),
    schema: SCHEMA_RELEASE,
    unknownFields,
    moreUnknownFields,
  };
}

function compilerOf(header: Message | undefined): HefCompiler {
  const numbers = header?.message('sdk_version');
  const parts = ['sdk_version_major', 'sdk_version_minor', 'sdk_version_revision'];
  const text = header?.text('sdk_version_str') ?? '';
  return {
    version:
      text === '' && numbers !== undefined ? parts.map((name) => numbers.number(name)).join('.') : text,
    compiledAt: dateOf(header?.uint64('timestamp') ?? 0n),
    formatVersion: Number(header?.uint64('version') ?? 0n),
  };
}

/** The last millisecond that a Date can name. */
const LAST_DATE = 8.64e15;

function dateOf(milliseconds: bigint): string | null {
  if (milliseconds === 0n || milliseconds > LAST_DATE) return null;
  return new Date(Number(milliseconds)).toISOString();
}

function hardwareOf(header: Message | undefined): HefHardware {
  const number = header?.number('hw_arch') ?? 0;
  return { name: enumName('HwArch', number), number, runsOn: devicesOf(number) };
}

function featuresOf(hef: Message): HefFeature[] {
  const list = (field: string, optional: boolean) =>
    hef.messages(field).map((extension) => {
      const number = extension.number('type_index');
      return { number, name: enumName('ExtensionType', number), text: extension.text('name'), optional };
    });
  return [...list('extensions', false), ...list('optional_extensions', true)];
}
