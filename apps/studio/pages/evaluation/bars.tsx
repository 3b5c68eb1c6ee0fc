import type { Evaluation } from '../../../../src/studio/api.js';
import { percent, t } from '../../text/index.js';

/** A row of figures and a bar per class. */
export function Bars({ report }: { readonly report: Evaluation }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('evaluation.perClass')}>
      <table>
        <thead>
          <tr>
            <th>{t('evaluation.class')}</th>
            <th>{t('evaluation.accuracy')}</th>
            <th class="number">{t('evaluation.precision')}</th>
            <th class="number">F1</th>
            <th class="number">n</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(report.perClass).map(([name, { accuracy, precision, f1, n }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Bar share={accuracy ?? 0} /> {percent(accuracy)}
              </td>
              <td class="number">{percent(precision)}</td>
              <td class="number">{percent(f1)}</td>
              <td class="number">{n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A bar as long as a share in [0, 1]; the number stands beside it. */
export function Bar({ share }: { readonly share: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="10" />
      <rect class="bar-fill" width={100 * Math.min(1, Math.max(0, share))} height="10" />
    </svg>
  );
}
