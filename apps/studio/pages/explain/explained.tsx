import { useEffect, useRef, useState } from 'preact/hooks';

import type { Explanation, HeatMap } from '../../../../src/studio/api.js';
import { Probabilities } from '../../parts/probabilities.js';
import { Status } from '../../parts/states.js';
import { t } from '../../text/index.js';

/** A picture under its map, and what the model answers. */
export function Explained({
  source,
  explanation,
}: {
  readonly source: string;
  readonly explanation: Explanation;
}) {
  const [strength, setStrength] = useState(0.6);
  const { map, probabilities, layer, milliseconds } = explanation;
  const values = { method: t(`explain.${explanation.method}`), class: explanation.class };
  return (
    <div class="columns">
      <div>
        <div class="stack">
          <img src={source} alt={t('explain.picture')} />
          <Overlay map={map} strength={strength} label={t('explain.map', values)} />
        </div>
        <label>
          {t('explain.strength')}
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={strength}
            onInput={({ currentTarget }) => setStrength(Number(currentTarget.value))}
          />
        </label>
      </div>
      <div>
        <Status text={t('explain.done', { ...values, place: placeOf(map), milliseconds })} />
        {layer !== null && <p class="soft">{t('explain.layer', { layer })}</p>}
        <Probabilities values={probabilities} />
      </div>
    </div>
  );
}

/** The map in red, stretched over the picture by the browser. */
function Overlay(props: { readonly map: HeatMap; readonly strength: number; readonly label: string }) {
  const { map, strength, label } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const image = new ImageData(map.width, map.height);
    map.values.forEach((value, i) => image.data.set([255, 60, 0, 255 * value], 4 * i));
    context.putImageData(image, 0, 0);
  }, [map]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      width={map.width}
      height={map.height}
      style={{ opacity: strength }}
    />
  );
}

/** Where the map is highest, in words. */
function placeOf({ values, width, height }: HeatMap): string {
  const at = values.indexOf(Math.max(...values));
  const third = (place: number, of: number) => Math.min(2, Math.floor((3 * (place + 0.5)) / of));
  const row = (['top', 'middle', 'bottom'] as const)[third(Math.floor(at / width), height)] ?? 'middle';
  const column = (['left', 'centre', 'right'] as const)[third(at % width, width)] ?? 'centre';
  return `${t(`place.${row}`)} ${t(`place.${column}`)}`;
}
