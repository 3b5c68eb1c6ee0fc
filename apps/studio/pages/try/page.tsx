import { useState } from 'preact/hooks';

import type { StudioInfo } from '../../../../src/studio/api.js';
import { useAnswer, useParam } from '../../parts/client.js';
import { Drop } from '../../parts/drop.js';
import { knownModel, ModelSelect } from '../../parts/model-choice.js';
import { Answer, Problem, Status } from '../../parts/states.js';
import { t } from '../../text/index.js';
import { Camera } from './camera.js';
import { Photo } from './photo.js';
import { useMien } from './use-mien.js';

/** Recognizes in the page itself: a camera, or pictures that are dropped or pasted. */
export function Page() {
  const info = useAnswer<StudioInfo>('/info');
  return <Answer loaded={info}>{(data) => <Try info={data} />}</Answer>;
}

function Try({ info }: { readonly info: StudioInfo }) {
  const [chosen, choose] = useParam('model');
  const model = knownModel(info, chosen);
  const { mien, problem } = useMien(model);
  const [picture, setPicture] = useState<Blob>();
  return (
    <>
      <section class="panel">
        <p>{t('try.hint')}</p>
        <ModelSelect info={info} value={model} onChoose={choose} />
        {problem === undefined && (
          <Status text={mien === undefined ? t('try.loading') : t('try.ready', { device: mien.engine })} />
        )}
        <Problem text={problem} />
        <Drop onPicture={setPicture} />
      </section>
      {mien !== undefined && (
        <div class="columns">
          <Camera mien={mien} />
          {picture !== undefined && <Photo mien={mien} picture={picture} />}
        </div>
      )}
    </>
  );
}
