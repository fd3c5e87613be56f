/** Names of results by what they are results of, so that a row that moves is still its own. */
import { createHash } from 'node:crypto'
import { canonical } from '../../../shared/canonical.ts'
import type { TpoClient } from '../../../shared/client.ts'
import type { StartSettings } from '../../../shared/tpo.ts'

/** The models that answer where a run names none; null where a server does not tell. */
export interface Models {
  readonly policy: string | null
  readonly reward: string | null
}

/** 24 hex digits of the SHA-256 of question, settings (the seed among them) and models. */
export const resultKey = (settings: StartSettings, models: Models): string =>
  createHash('sha256')
    .update(canonical([settings, models]))
    .digest('hex')
    .slice(0, 24)

export async function modelsOf(client: TpoClient): Promise<Models> {
  const { backends } = await client.backends()
  const of = (role: 'policy' | 'reward') =>
    backends.find((backend) => backend.role === role)?.model ?? null
  return { policy: of('policy'), reward: of('reward') }
}
