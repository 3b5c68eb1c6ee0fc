/** JSON schemas of requests and answers: what /openapi.json shows, and how answers are written. */

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const whole = { type: 'integer' } as const;

/** Every answer that is an error. */
export const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['status', 'code', 'message'],
      properties: {
        status: { ...whole, description: 'the HTTP status' },
        code: { ...text, description: 'for programs, e.g. body_too_large' },
        message: { ...text, description: 'one sentence: where, received, expected, remedy' },
        request: { ...text, description: 'finds the request in the log' },
      },
    },
  },
} as const;

const box = {
  type: 'object',
  nullable: true,
  description: 'in pixels of the upright picture; null: the whole picture was taken as one face',
  required: ['x', 'y', 'width', 'height'],
  properties: { x: number, y: number, width: number, height: number },
} as const;

const face = {
  type: 'object',
  required: ['box', 'score', 'class', 'probabilities'],
  properties: {
    box,
    score: { ...number, nullable: true, description: 'of the face detector, 0 to 1; null without one' },
    class: { ...text, description: 'the most probable class' },
    probabilities: {
      type: 'object',
      description: 'by class, summing to 1',
      additionalProperties: number,
    },
  },
} as const;

const prediction = {
  type: 'object',
  description: 'faces, or the error of this picture',
  properties: {
    name: { ...text, nullable: true, description: 'as the request named the picture' },
    width: { ...whole, description: 'in pixels, upright' },
    height: { ...whole, description: 'in pixels, upright' },
    faces: { type: 'array', items: face },
    error: errorSchema.properties.error,
  },
} as const;

/** The answer of POST /v1/predict. */
export const predictionsSchema = {
  type: 'object',
  required: ['model', 'predictions', 'failed', 'milliseconds'],
  properties: {
    model: text,
    predictions: { type: 'array', description: "in the order of the request's pictures", items: prediction },
    failed: { ...whole, description: 'pictures with an error' },
    milliseconds: { ...number, description: 'from the arrival of the body to the answer' },
  },
} as const;

/** The answer of GET /v1/models. */
export const modelsSchema = {
  type: 'object',
  required: ['models'],
  properties: {
    models: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          default: { type: 'boolean', description: 'answers when a request names none' },
          classes: { type: 'array', items: text },
          sourceSize: {
            type: 'array',
            items: whole,
            description: '[height, width] that faces are brought to',
          },
          inputSize: { type: 'array', items: whole, description: '[height, width] of the network' },
          colour: text,
          batchSize: { ...whole, description: 'most faces in one run' },
        },
      },
    },
  },
} as const;

const detect = {
  type: 'boolean',
  description: 'true: find the faces in each picture; default: each picture is one face',
} as const;

const base64 = { ...text, description: 'a picture in base64, or a data URL' } as const;

/** The JSON body of POST /v1/predict. */
export const predictJsonSchema = {
  type: 'object',
  properties: {
    image: base64,
    images: {
      type: 'array',
      items: {
        oneOf: [base64, { type: 'object', required: ['data'], properties: { name: text, data: base64 } }],
      },
    },
    model: text,
    detect,
  },
} as const;

const binary = { type: 'string', format: 'binary' } as const;

/** The form of POST /v1/predict. */
export const predictFormSchema = {
  type: 'object',
  properties: { image: { type: 'array', items: binary }, model: text, detect },
} as const;

/** A picture as the body of POST /v1/predict. */
export const predictRawSchema = binary;

/** The answer of /healthz and /readyz. */
export const statusSchema = {
  type: 'object',
  properties: { status: text },
} as const;
