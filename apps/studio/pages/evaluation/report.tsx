import { useState } from 'preact/hooks';

import type { Evaluation, Sample } from '../../../../src/studio/api.js';
import { address } from '../../parts/client.js';
import { PictureGrid, type GridItem } from '../../parts/pictures.js';
import { Status } from '../../parts/states.js';
import { percent, t } from '../../text/index.js';
import { Bars } from './bars.js';
import { ConfusionMatrix, type Cell } from './confusion-matrix.js';
import { Reliability } from './reliability.js';
import { Threshold } from './threshold.js';

interface ReportProps {
  readonly run: string;
  readonly report: Evaluation;
  readonly samples: readonly Sample[];
}

/** Worst errors that are shown. */
const WORST = 96;

/** Everything about one evaluation. */
export function Report({ run, report, samples }: ReportProps) {
  const [cell, setCell] = useState<Cell>();
  return (
    <>
      <Figures report={report} />
      <section class="panel" aria-labelledby="matrix">
        <h2 id="matrix">{t('evaluation.matrix')}</h2>
        <p class="soft">{t('evaluation.matrixHint')}</p>
        <ConfusionMatrix report={report} chosen={cell} choose={setCell} />
        {cell !== undefined && <CellPictures run={run} report={report} samples={samples} cell={cell} />}
      </section>
      <div class="columns">
        <section class="panel" aria-labelledby="bars">
          <h2 id="bars">{t('evaluation.perClass')}</h2>
          <Bars report={report} />
        </section>
        <section class="panel" aria-labelledby="reliability">
          <h2 id="reliability">{t('evaluation.calibration')}</h2>
          <Reliability report={report} />
        </section>
        <section class="panel" aria-labelledby="threshold">
          <h2 id="threshold">{t('evaluation.threshold')}</h2>
          <Threshold samples={samples} />
        </section>
      </div>
      <Worst run={run} report={report} samples={samples} />
    </>
  );
}

function Figures({ report }: { readonly report: Evaluation }) {
  const { withoutLeaks } = report;
  const [low, high] = report.interval;
  return (
    <p class="panel">
      {t('evaluation.figures', {
        n: report.n,
        accuracy: percent(report.accuracy),
        low: percent(low),
        high: percent(high),
        macro: percent(report.macroAccuracy),
        ece: report.ece.toFixed(3),
      })}
      {withoutLeaks !== undefined && (
        <>
          <br />
          {t('evaluation.leaks', { copies: withoutLeaks.copies, accuracy: percent(withoutLeaks.accuracy) })}
        </>
      )}
    </p>
  );
}

function CellPictures({ run, report, samples, cell }: ReportProps & { readonly cell: Cell }) {
  const found = samples.filter(
    ({ label, predicted }) => label === cell.label && predicted === cell.predicted,
  );
  const names = { label: report.classes[cell.label] ?? '', predicted: report.classes[cell.predicted] ?? '' };
  return (
    <div role="region" aria-label={t('evaluation.cellPictures')}>
      <Status text={t('evaluation.cell', { ...names, count: found.length })} />
      <PictureGrid items={found.map((sample) => itemOf(run, report, sample))} />
    </div>
  );
}

function Worst({ run, report, samples }: ReportProps) {
  const wrong = samples.filter(({ label, predicted }) => label !== predicted);
  const sure = ({ predicted, probabilities }: Sample) => probabilities[predicted] ?? 0;
  const worst = wrong.sort((a, b) => sure(b) - sure(a)).slice(0, WORST);
  return (
    <section class="panel" aria-labelledby="worst">
      <h2 id="worst">{t('evaluation.worst')}</h2>
      {worst.length === 0 ? (
        <p class="soft">{t('evaluation.noErrors')}</p>
      ) : (
        <PictureGrid items={worst.map((sample) => itemOf(run, report, sample))} />
      )}
    </section>
  );
}

function itemOf(run: string, { classes }: Evaluation, sample: Sample): GridItem {
  const { file, label, predicted, probabilities, leaked } = sample;
  const values = {
    label: classes[label] ?? '',
    predicted: classes[predicted] ?? '',
    share: percent(probabilities[predicted], 0),
  };
  const caption = (
    <>
      <span class={label === predicted ? 'good' : 'bad'}>{t('evaluation.caption', values)}</span>
      {leaked === true && <strong class="mark">{t('evaluation.leaked')}</strong>}
      <br />
      {file}
    </>
  );
  const alt = t('evaluation.caption', values);
  return { key: file, source: address('/run/picture', { run, name: file }), alt, caption };
}
