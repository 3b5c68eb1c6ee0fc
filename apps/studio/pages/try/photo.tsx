import { useEffect, useState } from 'preact/hooks';

import type { Mien, Prediction } from '../../../../src/web.js';
import { messageOf } from '../../parts/client.js';
import { Probabilities } from '../../parts/probabilities.js';
import { Problem, Status } from '../../parts/states.js';
import { t } from '../../text/index.js';

/** A picture and what it shows. */
export function Photo({ mien, picture }: { readonly mien: Mien; readonly picture: Blob }) {
  const [prediction, setPrediction] = useState<Prediction>();
  const [problem, setProblem] = useState<string>();
  const [source, setSource] = useState('');
  useEffect(() => {
    let current = true;
    const url = URL.createObjectURL(picture);
    setSource(url);
    setProblem(undefined);
    mien.predict(picture).then(
      (found) => current && setPrediction(found),
      (error: unknown) => current && setProblem(messageOf(error)),
    );
    return () => {
      current = false;
      URL.revokeObjectURL(url);
    };
  }, [mien, picture]);
  return (
    <section class="panel" aria-labelledby="photo">
      <h2 id="photo">{t('try.picture')}</h2>
      <img class="picture" src={source} alt={t('try.picture')} />
      <Problem text={problem} />
      {prediction !== undefined && <Answered prediction={prediction} />}
    </section>
  );
}

/** Bars, and the best class in words. */
export function Answered({ prediction }: { readonly prediction: Prediction }) {
  const { probabilities, milliseconds } = prediction;
  return (
    <>
      <Status text={t('try.answer', { class: prediction.class, milliseconds: milliseconds.toFixed(0) })} />
      <Probabilities values={probabilities} />
    </>
  );
}
