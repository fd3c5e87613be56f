import { problem } from '../../shared/problems.ts'
import { bindingKey, bodyKey, keyedKey } from './keys.ts'
import type { Call, Replay } from './replay.ts'

export interface KeyedRequest {
  /** What the caller calls this request, in the Idempotency-Key header. */
  key: string
  /** Whose keys these are. */
  tenant: string
  path: string
  /** Validated. */
  body: unknown
}

/**
 * The replay key of a request that has an Idempotency-Key. The first valid body that comes with
 * the key is the one it stands for; another is a 422 `idempotency_key_reused`.
 */
export async function keyedReplayKey(
  replay: Replay,
  { key, tenant, path, body }: KeyedRequest,
  signal: AbortSignal,
): Promise<string> {
  const sent = await bodyKey(path, body)
  const call: Call = { send: () => undefined, signal }
  const bound = await replay.once(await bindingKey(tenant, key), async () => sent, call)
  if (bound.text !== JSON.stringify(sent)) {
    throw problem(
      'idempotency_key_reused',
      'This Idempotency-Key was sent before with another body or to another address. Take a new key for a new request.',
    )
  }
  return keyedKey(tenant, key, sent)
}
