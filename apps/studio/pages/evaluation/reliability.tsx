import type { Evaluation } from '../../../../src/studio/api.js';
import { LineChart } from '../../parts/line-chart.js';
import { t } from '../../text/index.js';

/** How often answers are right, by how sure the model was; a trustworthy one follows the diagonal. */
export function Reliability({ report }: { readonly report: Evaluation }) {
  const known = report.calibration.flatMap(({ confidence, accuracy }) =>
    confidence === null || accuracy === null ? [] : [[confidence, accuracy] as const],
  );
  const diagonal = [
    [0, 0],
    [1, 1],
  ] as const;
  return (
    <>
      <LineChart
        title={t('evaluation.reliability')}
        xLabel={t('evaluation.confidence')}
        yLabel={t('evaluation.accuracy')}
        xRange={[0, 1]}
        yRange={[0, 1]}
        series={[
          { name: t('evaluation.measured'), points: known },
          { name: t('evaluation.perfect'), points: diagonal, dashed: true, colour: 3 },
        ]}
      />
      <p class="soft">
        {t('evaluation.ece', { ece: report.ece.toFixed(3), nll: report.nll.toFixed(3) })}
        {report.temperatureScaling !== undefined &&
          ` ${t('evaluation.temperature', { temperature: report.temperatureScaling.temperature.toFixed(2) })}`}
      </p>
    </>
  );
}
