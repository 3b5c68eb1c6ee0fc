import type { FastifyReply } from 'fastify';
import sharp from 'sharp';

import type { Picture } from '../../data/images.js';

/** Longest side of a picture on the page. */
const SIDE = 320;

/** Sends a picture as a small PNG, whatever format it came in. */
export async function sendPicture(reply: FastifyReply, picture: Picture): Promise<FastifyReply> {
  return reply.type('image/png').send(await smallPng(picture));
}

async function smallPng({ pixels, ...raw }: Picture): Promise<Buffer> {
  return sharp(pixels, { raw })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
}
