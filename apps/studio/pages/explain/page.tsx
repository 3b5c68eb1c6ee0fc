import { useEffect, useState } from 'preact/hooks';

import type { ExplainMethod, Explanation, StudioInfo } from '../../../../src/studio/api.js';
import { address, messageOf, postPicture, useAnswer, useParam } from '../../parts/client.js';
import { Drop } from '../../parts/drop.js';
import { knownModel, ModelSelect } from '../../parts/model-choice.js';
import { Answer, Problem, Status } from '../../parts/states.js';
import { t } from '../../text/index.js';
import { DataPicker } from './data-picker.js';
import { Explained } from './explained.js';

/** A picture to explain: dropped, or one of the data by its name. */
interface Subject {
  readonly source: string;
  readonly name: string;
  readonly dropped?: Blob;
}

const METHODS = ['grad-cam', 'occlusion'] as const satisfies readonly ExplainMethod[];

/** Where a model looks in a picture. */
export function Page() {
  const info = useAnswer<StudioInfo>('/info');
  return <Answer loaded={info}>{(data) => <Explain info={data} />}</Answer>;
}

function Explain({ info }: { readonly info: StudioInfo }) {
  const [chosen, choose] = useParam('model');
  const model = knownModel(info, chosen);
  const classes = useAnswer<readonly string[]>('/explain/classes', { model });
  const [method, setMethod] = useState<ExplainMethod>('grad-cam');
  const [target, setTarget] = useState('');
  const [subject, setSubject] = useState<Subject>();
  const drop = (picture: Blob, name: string) =>
    setSubject({ source: URL.createObjectURL(picture), name, dropped: picture });
  const pick = (name: string) => setSubject({ source: address('/data/picture', { name }), name });
  return (
    <>
      <div class="panel">
        <div class="row">
          <ModelSelect info={info} value={model} onChoose={choose} />
          <Select label={t('explain.method')} value={method} choices={METHODS} onChoose={setMethod} />
          <label>
            {t('explain.class')}
            <select value={target} onChange={({ currentTarget }) => setTarget(currentTarget.value)}>
              <option value="">{t('explain.answer')}</option>
              {(classes.data ?? []).map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Drop onPicture={drop} />
        {info.data !== null && <DataPicker onPick={pick} />}
      </div>
      {subject !== undefined && <Result {...{ subject, model, method, target }} />}
    </>
  );
}

function Select(props: {
  readonly label: string;
  readonly value: ExplainMethod;
  readonly choices: readonly ExplainMethod[];
  readonly onChoose: (value: ExplainMethod) => void;
}) {
  return (
    <label>
      {props.label}
      <select
        value={props.value}
        onChange={({ currentTarget }) => props.onChoose(currentTarget.value as ExplainMethod)}
      >
        {props.choices.map((name) => (
          <option key={name} value={name}>
            {t(`explain.${name}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ResultProps {
  readonly subject: Subject;
  readonly model: string;
  readonly method: ExplainMethod;
  readonly target: string;
}

function Result({ subject, model, method, target }: ResultProps) {
  const [explanation, setExplanation] = useState<Explanation>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    setExplanation(undefined);
    setProblem(undefined);
    const name = subject.dropped === undefined ? { name: subject.name } : {};
    const params = { model, method, ...(target === '' ? {} : { class: target }), ...name };
    postPicture<Explanation>('/explain', params, subject.dropped ?? new Blob([' '])).then(
      (found) => current && setExplanation(found),
      (error: unknown) => current && setProblem(messageOf(error)),
    );
    return () => (current = false);
  }, [subject, model, method, target]);
  return (
    <section class="panel" aria-labelledby="explained">
      <h2 id="explained">{subject.name}</h2>
      <Problem text={problem} />
      {explanation === undefined ? (
        problem === undefined && <Status text={t('explain.working')} />
      ) : (
        <Explained source={subject.source} explanation={explanation} />
      )}
    </section>
  );
}
