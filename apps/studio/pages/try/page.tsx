import { t } from '../../text/index.js';

/** Not there yet. */
export function Page() {
  return <p>{t('loading')}</p>;
}
