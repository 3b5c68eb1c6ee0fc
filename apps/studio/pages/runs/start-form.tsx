import { useState } from 'preact/hooks';

import type { Job, StudioInfo, TrainRequest } from '../../../../src/studio/api.js';
import { messageOf, post, useAnswer } from '../../parts/client.js';
import { Problem } from '../../parts/states.js';
import { t } from '../../text/index.js';

/** Starts a training with what most people choose; the command line has every setting. */
export function StartForm({ onStarted }: { readonly onStarted: (name: string) => void }) {
  const { data: info } = useAnswer<StudioInfo>('/info');
  const [problem, setProblem] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const request = requestOf(new FormData(event.currentTarget as HTMLFormElement));
    post<Job>('/runs/start', request).then(
      () => {
        setProblem(undefined);
        onStarted(request.name);
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  };
  return (
    <details class="panel">
      <summary>{t('runs.new')}</summary>
      <form onSubmit={submit}>
        <div class="row">
          <Text name="name" label={t('runs.name')} required pattern="[\p{L}\p{N}_][\p{L}\p{N}_.\-]*" />
          <Text name="data" label={t('runs.data')} required value={info?.data ?? ''} />
          <Choice name="recipe" label={t('runs.recipe')} choices={info?.recipes ?? []} />
          <Choice name="net" label={t('runs.net')} choices={info?.nets ?? []} />
          <Text name="classes" label={t('runs.classes')} placeholder={t('runs.default')} />
          <Text name="epochs" label={t('runs.epochsEach')} placeholder={t('runs.default')} />
          <Text name="inputSize" label={t('runs.inputSize')} placeholder={t('runs.default')} />
          <Text name="batchSize" label={t('runs.batchSize')} placeholder={t('runs.default')} />
          <Text name="weights" label={t('runs.weights')} placeholder={t('runs.default')} />
        </div>
        {info?.data !== null && <ListChoices />}
        <button type="submit" class="main">
          {t('runs.start')}
        </button>
        <Problem text={problem} />
      </form>
    </details>
  );
}

function ListChoices() {
  return (
    <p class="row">
      {(['exclude', 'relabel'] as const).map((name) => (
        <label key={name} class="check">
          <input type="checkbox" name={name} />
          {t(`runs.${name}`)}
        </label>
      ))}
    </p>
  );
}

function requestOf(form: FormData): TrainRequest {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const list = (name: string) =>
    text(name)
      .split(/[\s,]+/)
      .filter((part) => part !== '');
  return {
    name: text('name'),
    data: text('data'),
    recipe: text('recipe'),
    net: text('net'),
    classes: list('classes'),
    epochs: list('epochs').map(Number),
    ...(text('inputSize') === '' ? {} : { inputSize: Number(text('inputSize')) }),
    ...(text('batchSize') === '' ? {} : { batchSize: Number(text('batchSize')) }),
    ...(text('weights') === '' ? {} : { weights: text('weights') }),
    exclude: form.has('exclude'),
    relabel: form.has('relabel'),
  };
}

interface TextProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly pattern?: string;
}

function Text({ label, value, ...rest }: TextProps) {
  return (
    <label>
      {label}
      <input type="text" autocomplete="off" defaultValue={value ?? ''} {...rest} />
    </label>
  );
}

function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly string[];
}) {
  return (
    <label>
      {props.label}
      <select name={props.name}>
        {props.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}
