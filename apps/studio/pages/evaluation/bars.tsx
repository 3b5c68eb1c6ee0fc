import type { Evaluation } from '../../../../src/studio/api.js';
import { Bar } from '../../parts/bar.js';
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
