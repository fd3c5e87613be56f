/**
 * Names of work in the replay store. Two calls have the same key if and only if they ask for the
 * same thing: of a cursor what stands for it, of all else the validated body in canonical JSON, so
 * a cursor with an edit never meets the same cursor without it.
 */
import { canonical } from '../../shared/canonical.ts'
import type { RunRequest, StepRequest } from '../../shared/tpo.ts'
import { digestOf } from '../digest.ts'

/** SHA-256 of the parts' canonical JSON, in hex: keys hold nothing that could be read. */
async function keyOf(kind: string, ...parts: unknown[]): Promise<string> {
  return `${kind}:${await digestOf(canonical([kind, ...parts]))}`
}

/**
 * One step from a cursor that was opened. Which step it is, and whose, is sealed in the cursor: the
 * addresses /v1/tpo/step and /v1/tpo/steps/… ask for the same thing.
 */
export async function stepKey({ cursor, edit }: StepRequest): Promise<string> {
  const name = nameOf(cursor)
  return edit === undefined ? `step:${name}` : keyOf('step', name, edit)
}

/** What is done once under a key; undefined where that costs nothing. */
export const workOf = (key: string) => works.find((work) => key.startsWith(`${work}:`))

const works = ['step', 'run', 'completion'] as const

/** Whether the answer behind a key is that of a step. */
export const isStepKey = (key: string): boolean => workOf(key) === 'step'

/** A run from a cursor that was opened, as `request` wants it. */
export const runKey = (cursor: string, request: RunRequest) =>
  keyOf('run', nameOf(cursor), 'cursor' in request ? { ...request, cursor: '' } : request)

/**
 * What stands for a sealed cursor: its beginning with the nonce, and its end with the tag, which
 * authenticates all of it (cursor.ts). To hash it all once more costs as much as to open it.
 */
const nameOf = (cursor: string) => `${cursor.slice(0, 32)}${cursor.slice(-24)}`

/** The run behind a chat completion, by where it began. */
export const completionKey = (cursor: string) => keyOf('completion', cursor)

/** Which body a tenant's Idempotency-Key stands for. */
export const bindingKey = (tenant: string, key: string) => keyOf('binding', tenant, key)

/** The body that stands behind an Idempotency-Key, and where it was sent. */
export const bodyKey = (path: string, body: unknown) => keyOf('body', path, body)

/** What a tenant gets for an Idempotency-Key and a body. */
export const keyedKey = (tenant: string, key: string, body: string) =>
  keyOf('keyed', tenant, key, body)
