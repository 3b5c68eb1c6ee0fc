import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a data root holds faces that Mien drew, of which no figure may pass for one of photographs. */
export function isDrawnData(data: string): boolean {
  return existsSync(join(data, 'drawn.json'));
}

/** How a split is called in reports: `test`, or `drawn test`. */
export function splitTitle(data: string, split: string): string {
  return isDrawnData(data) ? `drawn ${split}` : split;
}
