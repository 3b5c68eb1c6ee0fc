/** Attributes of an SVG element; numbers are user units (pixels at 900 wide). */
export type Attributes = Readonly<Record<string, string | number>>;

/** One SVG element with its children, attribute values escaped. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  const body = children.join('');
  return body === '' ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${body}</${name}>`;
}

/** A text element at (x, y), its content escaped; y is the baseline. */
export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(content));
}

/** A straight line between two points. */
export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string {
  return element('line', { x1, y1, x2, y2, ...attributes });
}

/** A rectangle; a negative size becomes 0. */
export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  attributes: Attributes = {},
): string {
  return element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), ...attributes });
}

/** A polyline through points; a missing point breaks it. */
export function path(points: readonly (readonly [number, number] | null)[], attributes: Attributes): string {
  const steps = points.map((point, index) => {
    if (point === null) return '';
    const start = index === 0 || points[index - 1] === null;
    return `${start ? 'M' : 'L'}${round(point[0])} ${round(point[1])}`;
  });
  return element('path', { d: steps.join(''), fill: 'none', ...attributes });
}

/** Text made safe inside XML; characters that XML cannot hold are dropped. */
export function escapeXml(content: string): string {
  return content
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function attribute(value: string | number): string {
  return typeof value === 'number' ? String(round(value)) : escapeXml(value);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
