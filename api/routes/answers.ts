/** How routes describe their answers in OpenAPI. */
import type { z } from '@hono/zod-openapi'
import { Problem } from '../../shared/problems.ts'

const problems = {
  description: 'Any failure, as a problem (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
}

export const replayable = {
  'Idempotency-Replayed': {
    description: '`true` where the answer was given before and nothing was spent for this one',
    schema: { type: 'string' as const },
  },
}

export const jsonAnswer = <S extends z.ZodType>(description: string, schema: S) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: problems,
})

/** JSON, or events for those who accept `text/event-stream`. */
export const streamedAnswer = <S extends z.ZodType, E extends z.ZodType>(
  description: string,
  schema: S,
  events: E,
) => ({
  200: {
    headers: replayable,
    description: `${description}; with \`Accept: text/event-stream\` as events, then \`data: [DONE]\``,
    content: { 'application/json': { schema }, 'text/event-stream': { schema: events } },
  },
  default: problems,
})

export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
