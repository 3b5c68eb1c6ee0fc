import { useState } from 'preact/hooks';

import type { ExportAnswer, ExportFormats, LatencyRow, StudioInfo } from '../../../../src/studio/api.js';
import { address, useAnswer, useParam } from '../../parts/client.js';
import { knownModel, ModelSelect } from '../../parts/model-choice.js';
import { Answer, isRunning, JobView, Problem } from '../../parts/states.js';
import { useJob } from '../../parts/use-job.js';
import { t } from '../../text/index.js';

/** A model as files for other tools. */
export function Page() {
  const info = useAnswer<StudioInfo>('/info');
  const formats = useAnswer<ExportFormats>('/export/formats');
  return (
    <Answer loaded={info}>
      {(data) => <Answer loaded={formats}>{(known) => <Export info={data} known={known} />}</Answer>}
    </Answer>
  );
}

function Export({ info, known }: { readonly info: StudioInfo; readonly known: ExportFormats }) {
  const [chosen, choose] = useParam('model');
  const model = knownModel(info, chosen);
  const [formats, setFormats] = useState<readonly string[]>(['onnx']);
  const [precisions, setPrecisions] = useState<readonly string[]>(['float32']);
  const { job, problem, start } = useJob(() => undefined);
  return (
    <>
      <section class="panel">
        <ModelSelect info={info} value={model} onChoose={choose} />
        <Checks title={t('export.formats')} names={known.formats} chosen={formats} set={setFormats} />
        <Checks
          title={t('export.precisions')}
          names={known.precisions}
          chosen={precisions}
          set={setPrecisions}
        />
        <p class="soft">{t('export.int8Hint')}</p>
        <button
          type="button"
          class="main"
          disabled={isRunning(job) || formats.length === 0 || precisions.length === 0}
          onClick={() => start('/export/start', { model, formats, precisions })}
        >
          {t('export.start')}
        </button>
        <Problem text={problem} />
        {job !== undefined && <JobView job={job} />}
      </section>
      {job?.state === 'done' && <Files key={job.id} id={job.id} />}
    </>
  );
}

function Checks(props: {
  readonly title: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly set: (names: readonly string[]) => void;
}) {
  const { title, names, chosen, set } = props;
  const toggle = (name: string) =>
    set(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <fieldset>
      <legend>{title}</legend>
      {names.map((name) => (
        <label key={name} class="check">
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function Files({ id }: { readonly id: string }) {
  const answer = useAnswer<ExportAnswer>('/export/job', { id });
  const { job, problem, start } = useJob(() => undefined);
  return (
    <section class="panel" aria-labelledby="files">
      <h2 id="files">{t('export.files')}</h2>
      <Answer loaded={answer}>{({ files }) => <FileTable id={id} files={files} />}</Answer>
      <p>
        <button type="button" disabled={isRunning(job)} onClick={() => start('/export/benchmark', { id })}>
          {t('export.measure')}
        </button>
      </p>
      <Problem text={problem} />
      {job !== undefined && <JobView job={job} />}
      {job?.state === 'done' && <Latency id={job.id} />}
    </section>
  );
}

function FileTable({ id, files }: { readonly id: string; readonly files: ExportAnswer['files'] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('export.files')}>
      <table>
        <thead>
          <tr>
            <th>{t('export.file')}</th>
            <th class="number">{t('export.size')}</th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ path, bytes }) => (
            <tr key={path}>
              <td>
                <a
                  href={address('/export/file', { id, path })}
                  download
                  aria-label={t('export.download', { path })}
                >
                  {path}
                </a>
              </td>
              <td class="number">{(bytes / 1024).toFixed(0)} kB</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Latency({ id }: { readonly id: string }) {
  const answer = useAnswer<readonly LatencyRow[]>('/export/latency', { id });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('export.latency')}>
      <Answer loaded={answer}>
        {(rows) => (
          <table>
            <thead>
              <tr>
                <th>{t('export.file')}</th>
                <th>{t('export.engine')}</th>
                <th class="number">{t('export.ms')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ file, engine, milliseconds, error }) => (
                <tr key={`${file} ${engine}`}>
                  <td>{file}</td>
                  <td>{engine}</td>
                  <td class="number">{milliseconds?.toFixed(2) ?? error}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
    </div>
  );
}
