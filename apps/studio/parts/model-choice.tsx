import type { StudioInfo } from '../../../src/studio/api.js';
import { t } from '../text/index.js';

/** Chooses among given models and trained runs. */
export function ModelSelect(props: {
  readonly info: StudioInfo;
  readonly value: string;
  readonly onChoose: (id: string) => void;
}) {
  const { info, value, onChoose } = props;
  return (
    <label>
      {t('model')}
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {info.models.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The chosen model where it is there, else the first. */
export function knownModel({ models }: StudioInfo, chosen: string | undefined): string {
  return models.find(({ id }) => id === chosen)?.id ?? models[0]?.id ?? '';
}
