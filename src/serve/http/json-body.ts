import { namedPicture, type Asked, type NamedPicture } from './asked.js';
import { RequestError } from './problem.js';

/** Base64 by RFC 4648 section 4 (also its URL-safe letters), padding optional. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=.-]+)*;base64,/;

/**
 * Pictures of a JSON body: `{ "image": "…" }` or `{ "images": ["…", { "name": "a.jpg", "data": "…" }] }`, each
 * base64 or a data URL; `model` names the model, `detect` says whether to look for faces.
 * @throws RequestError when it is built otherwise
 */
export function picturesOfJson(body: unknown): Asked {
  if (!isRecord(body)) throw wrong('body', kindOf(body), 'an object');
  const { model, detect, image, images, ...others } = body;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw wrong('body', `the unknown field "${unknown.slice(0, 100)}"`, 'image, images, model or detect');
  if (model !== undefined && typeof model !== 'string')
    throw wrong('model', kindOf(model), 'the name of a model');
  if (detect !== undefined && typeof detect !== 'boolean')
    throw wrong('detect', kindOf(detect), 'true or false');
  if ((image === undefined) === (images === undefined))
    throw wrong(
      'body',
      image === undefined ? 'neither image nor images' : 'both image and images',
      'one of them',
    );
  if (images !== undefined && !Array.isArray(images))
    throw wrong('images', kindOf(images), 'a list of pictures in base64');
  const list: readonly unknown[] = images ?? [image];
  return {
    model,
    detect,
    pictures: list.map((entry, index) => pictureOf(entry, index, images === undefined)),
  };
}

function pictureOf(entry: unknown, index: number, single: boolean): NamedPicture {
  const where = single ? 'image' : `images[${index}]`;
  if (typeof entry === 'string') return namedPicture(decode(entry, where), undefined, index);
  if (!isRecord(entry) || typeof entry['data'] !== 'string')
    throw wrong(where, kindOf(entry), 'a picture in base64, or an object with "data" and "name"');
  const { name } = entry;
  if (name !== undefined && typeof name !== 'string') throw wrong(`${where}.name`, kindOf(name), 'a text');
  return namedPicture(decode(entry['data'], `${where}.data`), name, index);
}

function decode(text: string, where: string): Uint8Array {
  const base64 = text.replace(DATA_URL, '');
  if (BASE64.test(base64) && base64.replace(/=+$/, '').length % 4 !== 1) return Buffer.from(base64, 'base64');
  throw wrong(where, 'a text that is not base64', 'a picture in base64, or a data URL');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

function wrong(where: string, received: string, expected: string): RequestError {
  return new RequestError(400, 'wrong_json', { where, received, expected });
}
