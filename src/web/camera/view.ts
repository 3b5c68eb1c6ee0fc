import type { Prediction } from '../load.js';

/** The parts of the element that change. */
export interface CameraView {
  readonly video: HTMLVideoElement;
  readonly button: HTMLButtonElement;
  /** Shows the classes, each with a bar. */
  showClasses(classes: readonly string[]): void;
  show(prediction: Prediction): void;
  /** What screen readers say. */
  announce(text: string): void;
}

/** The middle square of the picture that counts as the face, as a share of its shorter side. */
export const FRAME = 0.8;

const STYLE = `
  :host { display: inline-grid; gap: 0.5rem; inline-size: 100%; max-inline-size: 32rem; font: inherit; }
  .stage { position: relative; aspect-ratio: 4 / 3; background: #222; border-radius: 0.5rem; overflow: hidden; }
  video { inline-size: 100%; block-size: 100%; object-fit: cover; }
  :host(:not([mirror='off'])) video { transform: scaleX(-1); }
  .frame { position: absolute; inset: 0; margin: auto; block-size: ${FRAME * 100}%; aspect-ratio: 1;
    border: 2px solid #fff; border-radius: 0.5rem; box-shadow: 0 0 0 100vmax #0006; pointer-events: none; }
  button { font: inherit; padding: 0.5rem 1rem; min-block-size: 2.75rem; }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.25rem; }
  label { display: grid; grid-template-columns: 6rem 1fr 3.5rem; gap: 0.5rem; align-items: center; }
  meter { inline-size: 100%; }
  output { text-align: end; font-variant-numeric: tabular-nums; }
  li[data-best] { font-weight: bold; }
  .status { min-block-size: 1.5em; margin: 0; }
`;

/** Builds the element's content; styles are set without inline styles, so that strict content policies let them be. */
export function buildView(root: ShadowRoot): CameraView {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const video = make('video', { muted: true, playsInline: true, ariaLabel: 'Camera' });
  const stage = make('div', { className: 'stage' }, video, make('div', { className: 'frame' }));
  const button = make('button', { type: 'button' });
  const list = make('ul', { ariaLabel: 'Expressions' });
  const status = make('p', { className: 'status' });
  status.setAttribute('role', 'status');
  root.replaceChildren(stage, button, status, list);
  const rows = new Map<string, Row>();
  return {
    ...{ video, button },
    showClasses: (classes) => {
      rows.clear();
      for (const name of classes) rows.set(name, rowOf(name));
      list.replaceChildren(...[...rows.values()].map(({ item }) => item));
    },
    show: (prediction) => rows.forEach((row, name) => fill(row, name, prediction)),
    announce: (text) => (status.textContent = text),
  };
}

interface Row {
  readonly item: HTMLLIElement;
  readonly meter: HTMLMeterElement;
  readonly output: HTMLOutputElement;
}

function rowOf(name: string): Row {
  const meter = make('meter', { min: 0, max: 1, value: 0 });
  const output = make('output', {});
  // Numbers change many times a second: only the status is announced.
  output.setAttribute('aria-live', 'off');
  const label = make('label', {}, make('span', { textContent: name }), meter, output);
  return { item: make('li', {}, label), meter, output };
}

function fill({ item, meter, output }: Row, name: string, prediction: Prediction): void {
  const probability = prediction.probabilities[name] ?? 0;
  meter.value = probability;
  output.textContent = `${Math.round(100 * probability)} %`;
  item.toggleAttribute('data-best', name === prediction.class);
}

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
