import { useEffect, useRef, useState } from 'preact/hooks';

import type { Mien, Prediction } from '../../../../src/web.js';
import { messageOf } from '../../parts/client.js';
import { Problem } from '../../parts/states.js';
import { t } from '../../text/index.js';
import { Answered } from './photo.js';

/** Milliseconds between two answers, so that words can be read and a laptop stays cool. */
const PAUSE = 100;

/** The camera of this machine, answered as fast as the page can. */
export function Camera({ mien }: { readonly mien: Mien }) {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  const [problem, setProblem] = useState<string>();
  const prediction = useAnswers(mien, video.current, stream);
  const begin = () => {
    setProblem(undefined);
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'user' } })
      .then(setStream, (error: unknown) => setProblem(messageOf(error)));
  };
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream ?? null;
    return () => stream?.getTracks().forEach((track) => track.stop());
  }, [stream]);
  return (
    <section class="panel" aria-labelledby="camera">
      <h2 id="camera">{t('try.video')}</h2>
      <button type="button" onClick={stream === undefined ? begin : () => setStream(undefined)}>
        {stream === undefined ? t('try.camera') : t('try.stop')}
      </button>
      <Problem text={problem} />
      <div class="stack" hidden={stream === undefined}>
        <video ref={video} autoPlay playsInline muted aria-label={t('try.video')} />
      </div>
      {stream !== undefined && prediction !== undefined && <Answered prediction={prediction} />}
    </section>
  );
}

/** The newest answer about a running video. */
function useAnswers(
  mien: Mien,
  video: HTMLVideoElement | null,
  stream: MediaStream | undefined,
): Prediction | undefined {
  const [prediction, setPrediction] = useState<Prediction>();
  useEffect(() => {
    if (stream === undefined || video === null) return;
    let current = true;
    const step = async () => {
      if (video.readyState >= video.HAVE_CURRENT_DATA) {
        const found = await mien.predict(video);
        if (current) setPrediction(found);
      }
    };
    const loop = () => {
      // A frame that cannot be read is skipped; the next one comes soon.
      const next = () => current && setTimeout(loop, PAUSE);
      void step().then(next, next);
    };
    loop();
    return () => (current = false);
  }, [mien, video, stream]);
  return prediction;
}
