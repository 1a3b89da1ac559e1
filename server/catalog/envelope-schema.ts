import type { JsonSchema } from './types.ts';

const fields: Record<string, JsonSchema> = {
  id: {
    type: 'string',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    title: 'Event ID',
    description: 'Identifier of the event, the same through every retry and replay: drop what you have seen.',
  },
  type: { type: 'string', title: 'Event Type', description: 'Name of the event type.' },
  created_at: {
    type: 'string',
    format: 'date-time',
    title: 'Created At',
    description: 'When it happened, ISO 8601 in UTC.',
  },
  api_version: {
    type: 'string',
    title: 'API Version',
    description: 'Version of the catalog that the event was published under.',
  },
  project_id: {
    type: ['string', 'null'],
    title: 'Project ID',
    description: 'The project in which it happened; null for what happens to a team as a whole.',
  },
  data: { type: 'object', title: 'Data', description: 'What happened, in the form of the event type’s schema.' },
};

/** The JSON Schema of an event as it is delivered; its `data` is described by each event type. */
export const envelopeSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  title: 'Event',
  description: 'An event as it is delivered. Every key is always present, in this order.',
  additionalProperties: false,
  properties: fields,
  required: Object.keys(fields),
};
