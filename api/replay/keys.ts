/**
 * Names of work in the replay store. Two calls have the same key if and only if they ask for the
 * same thing: the whole validated body counts, in canonical JSON, so a cursor with an edit never
 * meets the same cursor without it.
 */
import { canonical } from '../../shared/canonical.ts'
import type { RunRequest, StepRequest } from '../../shared/tpo.ts'
import { digestOf } from '../digest.ts'

/** SHA-256 of the parts' canonical JSON, in hex: keys hold nothing that could be read. */
async function keyOf(kind: string, ...parts: unknown[]): Promise<string> {
  return `${kind}:${await digestOf(canonical([kind, ...parts]))}`
}

/**
 * One step. Which step it is, and whose, is sealed in the cursor: the addresses /v1/tpo/step and
 * /v1/tpo/steps/… ask for the same thing.
 */
export const stepKey = (request: StepRequest) => keyOf('step', request)

/** A run from a cursor, as `request` wants it. */
export const runKey = (cursor: string, request: RunRequest) => keyOf('run', cursor, request)

/** The run behind a chat completion, by where it began. */
export const completionKey = (cursor: string) => keyOf('completion', cursor)

/** Which body a tenant's Idempotency-Key stands for. */
export const bindingKey = (tenant: string, key: string) => keyOf('binding', tenant, key)

/** The body that stands behind an Idempotency-Key, and where it was sent. */
export const bodyKey = (path: string, body: unknown) => keyOf('body', path, body)

/** What a tenant gets for an Idempotency-Key and a body. */
export const keyedKey = (tenant: string, key: string, body: string) =>
  keyOf('keyed', tenant, key, body)
