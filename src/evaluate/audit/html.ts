import type { DataAudit } from '../../data/data-audit.js';
import { escapeXml } from '../charts/svg.js';
import { groupDigits } from '../table.js';
import type { Figure, Section } from './sections.js';
import { faultRows } from './text.js';

/** Pictures as `data:` URIs, by name. */
export type Thumbnails = ReadonlyMap<string, string>;

/**
 * An audit as one HTML file: no scripts, nothing loaded from anywhere, light and dark, readable from 360 pixels on.
 *
 * @param thumbnails pictures that the sections name; those that are missing are shown as a box
 */
export function auditHtml(audit: DataAudit, sections: readonly Section[], thumbnails: Thumbnails): string {
  const shown = sections.filter(({ of, id }) => of > 0 || id === 'labels');
  const title = `Audit of ${audit.data}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeXml(title)}</h1>
<p class="muted">${escapeXml(subtitle(audit))}</p>
<nav aria-label="Sections"><ul><li><a href="#classes">Classes</a></li>${shown.map(link).join('')}</ul></nav>
</header>
<main>
${classSection(audit)}
${faultSection(audit)}
${shown.map((section) => sectionHtml(section, thumbnails)).join('\n')}
</main>
</body>
</html>
`;
}

function subtitle({ train, test, size, drawn, classes }: DataAudit): string {
  const counts = Object.entries({ train, test }).flatMap(([split, part]) =>
    part === undefined ? [] : [`${groupDigits(part.images)} in ${split}`],
  );
  const kind = drawn ? 'drawn faces, no photographs · ' : '';
  return `${kind}${counts.join(', ')} · ${classes.length} classes · compared at ${size} × ${size} pixels`;
}

function link({ id, title, of }: Section): string {
  return `<li><a href="#${id}">${escapeXml(title)}</a> <span class="muted">${groupDigits(of)}</span></li>`;
}

/** Class sizes as bars, whose lengths are shares of the largest class of the split. */
function classSection({ train, test, leaked, classes }: DataAudit): string {
  const parts = Object.entries({ train, test, leaked }).filter(([, part]) => part !== undefined);
  const blocks = parts.map(([name, part]) => {
    const counts = classes.map((label) => part?.perClass[label] ?? 0);
    const most = Math.max(1, ...counts);
    const all = counts.reduce((a, b) => a + b, 0);
    const rows = classes.map((label, i) => {
      const count = counts[i] ?? 0;
      const share = all === 0 ? 0 : (100 * count) / all;
      const bar = `<span class="bar" style="width:${((100 * count) / most).toFixed(1)}%"></span>`;
      return `<tr><th scope="row">${escapeXml(label)}</th><td class="number">${groupDigits(count)}</td><td class="number muted">${share.toFixed(1)} %</td><td class="bars">${bar}</td></tr>`;
    });
    const title = name === 'leaked' ? 'test pictures that are in train' : name;
    return `<div class="block"><h3>${title} <span class="muted">${groupDigits(all)}</span></h3><table>${rows.join('')}</table></div>`;
  });
  return `<section id="classes"><h2>Class balance</h2><div class="blocks">${blocks.join('')}</div></section>`;
}

function faultSection(audit: DataAudit): string {
  const rows = faultRows(audit).map(
    ([reason = '', count = '', meaning = '']) =>
      `<tr><th scope="row"><code>${escapeXml(reason)}</code></th><td class="number">${count}</td><td>${escapeXml(meaning)}</td></tr>`,
  );
  const quality = (['brightness', 'contrast', 'sharpness'] as const).map((name) => {
    const cells = audit.quality[name].map((value) => `<td class="number">${value.toFixed(0)}</td>`);
    return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`;
  });
  const heads = ['', 'least', '5 %', 'median', '95 %', 'most'].map((text) => `<th scope="col">${text}</th>`);
  const faults = rows.length === 0 ? '<p>Nothing.</p>' : `<table>${rows.join('')}</table>`;
  return `<section id="faults"><h2>Training pictures by what is wrong with them</h2>${faults}</section>
<section id="quality"><h2>Brightness, contrast, sharpness</h2><table><tr>${heads.join('')}</tr>${quality.join('')}</table>
<p class="muted">Grey levels; deviation of grey levels; variance of the Laplacian.</p></section>`;
}

function sectionHtml({ id, title, lines, rows, of }: Section, thumbnails: Thumbnails): string {
  const single = rows.every((row) => row.length === 1);
  const body = single
    ? `<div class="row">${rows.map(([figure]) => (figure === undefined ? '' : figureHtml(figure, thumbnails, false))).join('')}</div>`
    : `<div class="groups">${rows.map((row) => groupHtml(row, thumbnails)).join('')}</div>`;
  const more =
    of > rows.length
      ? `<p class="muted">The first ${rows.length} of ${groupDigits(of)}; audit.json has all.</p>`
      : '';
  const text = lines.map((line) => `<p>${escapeXml(line)}</p>`).join('');
  return `<section id="${id}"><h2>${escapeXml(title)} <span class="muted">${groupDigits(of)}</span></h2>${text}${body}${more}</section>`;
}

function groupHtml(figures: readonly Figure[], thumbnails: Thumbnails): string {
  const labels = new Set(figures.map(({ label }) => label));
  const inner = figures.map((figure) => figureHtml(figure, thumbnails, labels.size > 1)).join('');
  return `<div class="row group">${inner}</div>`;
}

function figureHtml({ name, caption }: Figure, thumbnails: Thumbnails, conflict: boolean): string {
  const source = thumbnails.get(name);
  const alt = escapeXml(name);
  const picture =
    source === undefined
      ? '<span class="missing"></span>'
      : `<img src="${source}" alt="${alt}" width="64" height="64" loading="lazy">`;
  const mark = conflict ? ' class="conflict"' : '';
  return `<figure title="${alt}">${picture}<figcaption${mark}>${escapeXml(caption)}</figcaption></figure>`;
}

const STYLE = `
:root{--ground:#fff;--ink:#1f2933;--muted:#5f6c7b;--line:#e4e7eb;--panel:#f7f9fb;--bar:#2563a8;--red:#b3332a;--link:#1d5fa8}
@media (prefers-color-scheme:dark){:root{--ground:#14181d;--ink:#e6eaee;--muted:#9aa5b1;--line:#2c343d;--panel:#1b2127;--bar:#5b9bdc;--red:#f0857c;--link:#7db4ee}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:1100px;background:var(--ground);color:var(--ink);font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:0 0 8px}h3{font-size:1rem;margin:0 0 4px;font-weight:600}
p{margin:4px 0}section{padding:20px 0;border-top:1px solid var(--line)}
.muted{color:var(--muted);font-weight:400}a{color:var(--link)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;padding:0;margin:12px 0;list-style:none}
table{border-collapse:collapse;font-size:.9rem}
.block table{width:100%}
th,td{text-align:left;padding:3px 16px 3px 0;font-weight:400;vertical-align:baseline}
th[scope=col]{text-align:right;color:var(--muted)}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
@media(max-width:480px){th,td{padding-right:8px}}
.bars{width:45%}.bar{display:block;height:10px;min-width:1px;background:var(--bar);border-radius:2px}
.blocks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(300px,100%),1fr));gap:20px}
.row{display:flex;flex-wrap:wrap;gap:10px;margin-top:10px}
.groups{display:flex;flex-wrap:wrap;gap:10px;margin-top:10px}
.group{margin:0;padding:8px;background:var(--panel);border:1px solid var(--line);border-radius:6px}
figure{margin:0;width:76px}
img,.missing{display:block;width:64px;height:64px;border-radius:3px;background:var(--line);image-rendering:auto}
figcaption{font-size:.75rem;line-height:1.25;margin-top:3px;color:var(--muted)}
figcaption.conflict{color:var(--red)}
code{font:.9em ui-monospace,monospace;white-space:nowrap}
@media print{section{break-inside:avoid}}
`;
