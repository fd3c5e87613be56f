/**
 * The OpenAPI 3.1 document, from the routes and zod's own JSON Schema: the generator that comes
 * with @hono/zod-openapi loses nulls of named schemas, and names only if it was loaded first.
 */
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'
import * as backends from '../shared/backends.ts'
import * as events from '../shared/events.ts'
import * as jobs from '../shared/jobs.ts'
import * as openai from '../shared/openai.ts'
import * as problems from '../shared/problems.ts'
import * as tpo from '../shared/tpo.ts'

type Json = Record<string, unknown>

const addressOf = (id: string) => `#/components/schemas/${id}`

/** Every schema of the contract that has a name. */
function namedSchemas(): Json {
  const named = z.registry<{ id: string }>()
  for (const value of [tpo, events, jobs, openai, backends, problems].flatMap((module) =>
    Object.values<unknown>(module),
  )) {
    const id = value instanceof z.ZodType ? value.meta()?.id : undefined
    if (value instanceof z.ZodType && id !== undefined) named.add(value, { id })
  }
  const { schemas } = z.toJSONSchema(named, { uri: addressOf, io: 'input' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/** Without what only a document of its own needs. */
function bare({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema
}

function reference(schema: unknown): Json {
  if (!(schema instanceof z.ZodType)) return {}
  const id = schema.meta()?.id
  return id === undefined ? bare(z.toJSONSchema(schema, { io: 'input' })) : { $ref: addressOf(id) }
}

const content = (media: Json | undefined) =>
  Object.entries(media ?? {}).map(([type, value]) => {
    const schema: unknown = value instanceof Object && 'schema' in value ? value.schema : undefined
    return [type, { schema: reference(schema) }] as const
  })

/** The request's headers, query or parts of its path, from their schema. */
function parameters(place: 'header' | 'query' | 'path', fields: unknown): Json[] {
  if (!(fields instanceof z.ZodObject)) return []
  return Object.entries(fields.shape).map(([name, field]) => {
    const { description, ...schema } = reference(field)
    return { in: place, name, required: place === 'path', description, schema }
  })
}

function operation({ summary, request, responses }: RouteConfig): Json {
  const answers = Object.entries(responses).map(([status, answer]) => [
    status,
    'content' in answer
      ? { ...answer, content: Object.fromEntries(content(answer.content)) }
      : answer,
  ])
  const body = request?.body
  const given = [
    ...parameters('path', request?.params),
    ...parameters('query', request?.query),
    ...parameters('header', request?.headers),
  ]
  return {
    summary,
    ...(given.length === 0 ? {} : { parameters: given }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: Object.fromEntries(content(body.content)) } }),
    responses: Object.fromEntries(answers),
  }
}

/** The document of all routes that `app` has so far. */
export function openApiDocument(registry: OpenAPIHono['openAPIRegistry']): Json {
  const paths: Record<string, Json> = {}
  for (const definition of registry.definitions) {
    if (definition.type !== 'route') continue
    const { path, method } = definition.route
    paths[path] = { ...paths[path], [method]: operation(definition.route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'tpo-edge',
      version: '1',
      description: 'Test-Time Preference Optimization as a service, step by step over HTTP.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: { schemas: namedSchemas() },
  }
}
