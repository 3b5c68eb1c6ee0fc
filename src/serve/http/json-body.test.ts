import { describe, expect, it } from 'vitest';

import { picturesOfJson } from './json-body.js';

const data = Buffer.from('picture').toString('base64');

describe('picturesOfJson', () => {
  it('reads one picture, several, names and data URLs', () => {
    expect(picturesOfJson({ image: data, model: 'm', detect: true })).toMatchObject({
      model: 'm',
      detect: true,
      pictures: [{ name: null, where: 'picture 1', bytes: Buffer.from('picture') }],
    });
    const { pictures } = picturesOfJson({
      images: [`data:image/png;base64,${data}`, { name: 'a.jpg', data: data.replace(/=+$/, '') }],
    });
    expect(pictures.map(({ name, where }) => [name, where])).toEqual([
      [null, 'picture 1'],
      ['a.jpg', 'a.jpg'],
    ]);
    expect(pictures.every(({ bytes }) => Buffer.from(bytes).toString() === 'picture')).toBe(true);
  });

  it.each([
    [[], 'body: received a list, expected an object.'],
    [{}, 'body: received neither image nor images, expected one of them.'],
    [{ image: data, images: [] }, 'body: received both image and images, expected one of them.'],
    [
      { image: data, path: '/etc' },
      'body: received the unknown field "path", expected image, images, model or detect.',
    ],
    [{ image: data, detect: 'yes' }, 'detect: received a string, expected true or false.'],
    [
      { image: 5 },
      'image: received a number, expected a picture in base64, or an object with "data" and "name".',
    ],
    [{ images: 'x' }, 'images: received a string, expected a list of pictures in base64.'],
    [
      { image: '%%%' },
      'image: received a text that is not base64, expected a picture in base64, or a data URL.',
    ],
    [{ images: [{ data, name: 5 }] }, 'images[0].name: received a number, expected a text.'],
    [{ image: data, model: 1 }, 'model: received a number, expected the name of a model.'],
  ])('refuses %j', (body, message) => {
    expect(() => picturesOfJson(body)).toThrow(message);
  });
});
