import { checkOneOf } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import {
  exportFormats,
  exportPrecisions,
  type ARTEFACTS,
  type Artefact,
  type ExportFormat,
  type ExportPrecision,
} from './export-formats.js';

/** A file to write. */
export interface PlannedArtefact {
  readonly format: ExportFormat;
  readonly precision: ExportPrecision;
  readonly artefact: Artefact;
}

/**
 * The files of formats × precisions; a format leaves out precisions that it does not have.
 * @throws InputError on an unknown name, or a format that has none of the precisions
 */
export function planExport(
  formats: readonly string[],
  precisions: readonly string[],
  table: typeof ARTEFACTS,
): PlannedArtefact[] {
  const wanted = [...new Set(precisions)].map((name) => checkOneOf('--precision', name, exportPrecisions));
  return [...new Set(formats)].flatMap((name) => {
    const format = checkOneOf('--format', name, exportFormats);
    const files = wanted.flatMap((precision) => {
      const artefact = table[format][precision];
      return artefact === undefined ? [] : [{ format, precision, artefact }];
    });
    if (files.length > 0) return files;
    throw new InputError({
      where: '--precision',
      received: `${wanted.join(', ')} for ${format}`,
      expected: Object.keys(table[format]).join(' or '),
    });
  });
}
