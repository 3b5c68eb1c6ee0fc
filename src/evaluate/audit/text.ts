import { formatExactAudit } from '../../data/audit.js';
import { CLEAN_REASONS } from '../../data/clean-list.js';
import { cleanReasons, faultsOf, type DataAudit, type LabelAudit } from '../../data/data-audit.js';
import { alignTable, groupDigits } from '../table.js';

/**
 * An audit as text: class sizes, a line per finding, the number of training pictures by what is wrong with them.
 * @example console.log(formatDataAudit(audit));
 */
export function formatDataAudit(audit: DataAudit): string {
  const { near, quality, notFaces, labels } = audit;
  return [
    formatExactAudit(audit),
    `near copies: ${groupDigits(near.groups.length)} groups of ${near.groups.reduce((sum, { images }) => sum + images.length, 0)} pictures, ` +
      `${near.conflictingGroups} with different labels; ${near.leaked.length} test pictures have a near copy in train and no exact one`,
    notFaceLine(notFaces, quality.suspects.length),
    ...(labels === undefined ? [] : labelLines(labels)),
    '',
    'smallest, 5 %, median, 95 %, largest:',
    ...alignTable(
      (['brightness', 'contrast', 'sharpness'] as const).map((name) => [
        name,
        ...quality[name].map((value) => value.toFixed(name === 'sharpness' ? 0 : 1)),
      ]),
    ),
    '',
    'training pictures by what is wrong with them:',
    ...alignTable(faultRows(audit), [0, 2]),
  ].join('\n');
}

/** Reason, number of training pictures, what it means; reasons without pictures are left out. */
export function faultRows(audit: DataAudit): string[][] {
  const faults = [...faultsOf(audit).values()];
  const rows = cleanReasons.map((reason) => [
    reason,
    String(faults.filter((reasons) => reasons.includes(reason)).length),
    CLEAN_REASONS[reason],
  ]);
  return rows.filter(([, count]) => count !== '0');
}

function notFaceLine(notFaces: DataAudit['notFaces'], suspects: number): string {
  const voted = notFaces === undefined ? '' : `${notFaces.length} training pictures by votes, `;
  return `no face: ${voted}${suspects} suspected by rules of thumb`;
}

/** What confident learning found, in sentences. */
export function labelLines({ runs, covered, of, noise, errors, votes, notes }: LabelAudit): string[] {
  const share = (part: number) => `${((100 * part) / Math.max(1, votes?.known ?? 1)).toFixed(0)} %`;
  return [
    `labels: ${groupDigits(errors.length)} probably wrong of ${groupDigits(covered)} pictures that ` +
      `${runs.length === 1 ? 'the run' : `${runs.length} runs`} held out (${groupDigits(of)} in all); ` +
      `estimated noise ${(100 * noise).toFixed(1)} %`,
    ...(votes === undefined
      ? []
      : [
          `votes: of ${votes.known} of these with a majority, ${share(votes.suggestion)} voted for the suggestion, ` +
            `${share(votes.label)} for the label`,
        ]),
    ...notes.map((note) => `note: ${note}`),
  ];
}
