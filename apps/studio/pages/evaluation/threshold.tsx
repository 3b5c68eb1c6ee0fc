import { useState } from 'preact/hooks';

import type { Sample } from '../../../../src/studio/api.js';
import { LineChart } from '../../parts/line-chart.js';
import { percent, t } from '../../text/index.js';
import { atThreshold } from './at-threshold.js';

/** Steps of the threshold. */
const STEPS = Array.from({ length: 51 }, (_, i) => i / 50);

/** What is gained and lost when unsure answers are not given. */
export function Threshold({ samples }: { readonly samples: readonly Sample[] }) {
  const [threshold, setThreshold] = useState(0.5);
  const at = STEPS.map((step) => atThreshold(samples, step));
  const accuracy = at.flatMap((row, i) =>
    row.accuracy === null ? [] : [[STEPS[i] ?? 0, row.accuracy] as const],
  );
  const answered = at.map((row, i) => [STEPS[i] ?? 0, row.answered] as const);
  const now = atThreshold(samples, threshold);
  return (
    <>
      <LineChart
        title={t('evaluation.thresholdChart')}
        xLabel={t('evaluation.thresholdAxis')}
        yLabel={t('evaluation.share')}
        xRange={[0, 1]}
        yRange={[0, 1]}
        marker={threshold}
        series={[
          { name: t('evaluation.accuracy'), points: accuracy },
          { name: t('evaluation.answered'), points: answered, dashed: true, colour: 2 },
        ]}
      />
      <label>
        {t('evaluation.thresholdAxis')}
        <input
          type="range"
          min="0"
          max="1"
          step="0.02"
          value={threshold}
          onInput={({ currentTarget }) => setThreshold(Number(currentTarget.value))}
        />
      </label>
      <p role="status">
        {t('evaluation.thresholdNow', {
          threshold: threshold.toFixed(2),
          answered: percent(now.answered),
          accuracy: percent(now.accuracy),
        })}
      </p>
    </>
  );
}
