/** Random values for a JSON Schema, as far as zod writes one. */
import * as fc from 'fast-check'
import { z } from 'zod'

const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.json().optional(),
  enum: z.array(z.json()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  minItems: z.number().default(0),
  minLength: z.number().default(0),
  maxLength: z.number().default(1_000_000),
  minimum: z.number().default(-(2 ** 31)),
  exclusiveMinimum: z.number().default(-(2 ** 31)),
  maximum: z.number().optional(),
})

/** The schemas that a `$ref` names, by their names. */
export type Named = Readonly<Record<string, unknown>>
/** Values for fields of a name, wherever they stand, in the place of what their schema says. */
export type Special = Readonly<Record<string, fc.Arbitrary<unknown>>>

const keys = fc.string({ minLength: 1, maxLength: 8 })

/** Values that the schema takes, if nothing more than the schema is asked; small ones. */
export function valuesOf(schema: unknown, named: Named, special: Special): fc.Arbitrary<unknown> {
  const inner = (part: unknown) => valuesOf(part, named, special)
  const parsed = Schema.parse(schema)
  const { $ref, type, anyOf, oneOf, minLength, maxLength } = parsed
  if ($ref !== undefined) return inner(named[$ref.split('/').at(-1) ?? ''])
  if (parsed.const !== undefined) return fc.constant(parsed.const)
  if (parsed.enum !== undefined) return fc.constantFrom(...parsed.enum)
  const members = anyOf ?? oneOf
  if (members !== undefined) return fc.oneof(...members.map(inner))
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => inner({ ...parsed, type: one })))
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number': {
      const { maximum: max = 2 ** 31 } = parsed
      const min = Math.max(parsed.minimum, parsed.exclusiveMinimum + 0.001)
      const whole = fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
      return type === 'integer' ? whole : fc.oneof(whole, fc.double({ min, max, noNaN: true }))
    }
    case 'string':
      return fc.string({
        minLength,
        maxLength: Math.min(maxLength, minLength + 30),
        unit: 'grapheme',
      })
    case 'array':
      return fc.array(inner(parsed.items ?? {}), {
        minLength: parsed.minItems,
        maxLength: parsed.minItems + 3,
      })
    case 'object': {
      const { properties, required, additionalProperties } = parsed
      const fields = Object.entries(properties).map(([name, field]) => {
        return [name, special[name] ?? inner(field)] as const
      })
      const known = fc.record(Object.fromEntries(fields), { requiredKeys: required })
      const closed = additionalProperties === undefined || additionalProperties === false
      if (closed) return known
      return fc
        .tuple(known, fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }))
        .map(([own, more]) => Object.assign(more, own))
    }
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}
