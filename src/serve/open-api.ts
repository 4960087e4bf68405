/**
 * @file What the server takes and gives, as an OpenAPI document. https://spec.openapis.org/oas/v3.1.0
 */

import { counted } from '../counted.ts';
import { VERSION } from '../version.ts';
import type { ServedConfig } from './classifier.ts';
import type { ServerLimits } from './limits.ts';

const BINARY = { type: 'string', format: 'binary' };
const NUMBERS = { type: 'array', items: { type: 'number' } };
const ERROR = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string', description: 'What is wrong, and what to do.' } },
};

const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});
const error = (description: string) => json(description, ERROR);

const PREDICTION = {
  type: 'object',
  required: ['image', 'logits', 'probabilities', 'class', 'label'],
  properties: {
    image: { type: 'string', description: 'The name of the file.' },
    logits: {
      ...NUMBERS,
      description: 'What the network gave: one number for two classes, else one per class.',
    },
    probabilities: { ...NUMBERS, description: 'Of each class.' },
    class: { type: 'integer', minimum: 0, description: 'The most probable class, from 0.' },
    label: { type: 'string', description: 'Its name.' },
    map: {
      type: 'string',
      description: 'Where the network sees that class (Grad-CAM), drawn over the image: a PNG as a data URL.',
    },
  },
};

/** The document of a server. */
export function openApiOf({ classes, layer }: ServedConfig, limits: ServerLimits): object {
  const { maxImages, maxUpload, maxPixels } = limits;
  const classNames = classes ? ` It tells apart: ${classes.join(', ')}.` : '';
  const explain = {
    name: 'explain',
    in: 'query',
    description: 'Whether a map of what speaks for the class is wanted; takes several times as long.',
    schema: { type: 'boolean', default: false },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'fovea',
      version: VERSION,
      description: `Classifies images.${classNames} No medical advice.`,
    },
    paths: {
      '/predict': {
        post: {
          summary: `Classify up to ${counted(maxImages, 'JPEG or PNG image')}, of ${maxUpload} bytes together and ${maxPixels} pixels each.`,
          parameters: layer === undefined ? [] : [explain],
          requestBody: {
            required: true,
            content: {
              'multipart/form-data': {
                schema: { type: 'object', properties: { images: { type: 'array', items: BINARY } } },
              },
              'image/jpeg': { schema: BINARY },
              'image/png': { schema: BINARY },
              'application/octet-stream': { schema: BINARY },
            },
          },
          responses: {
            200: json('A prediction for each image, in their order.', {
              type: 'object',
              required: ['predictions'],
              properties: { predictions: { type: 'array', items: PREDICTION } },
            }),
            400: error('No image, a malformed form, or an unknown parameter.'),
            413: error('Too many bytes or images.'),
            415: error('Neither an image nor a form.'),
            422: error('An image that cannot be decoded, or has too many pixels.'),
            429: error('Too many requests at once: try again after the seconds of Retry-After.'),
            503: error('Shutting down, or the device was lost and is being opened again.'),
          },
        },
      },
      '/healthz': {
        get: {
          summary: 'Whether predictions are to be had.',
          responses: {
            200: json('They are.', { type: 'object', properties: { status: { const: 'ok' } } }),
            503: error('They are not, and why.'),
          },
        },
      },
      '/metrics': {
        get: {
          summary: 'Counts and durations for Prometheus.',
          responses: {
            200: { description: 'They.', content: { 'text/plain': { schema: { type: 'string' } } } },
          },
        },
      },
    },
  };
}
