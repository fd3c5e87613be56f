import { env } from 'cloudflare:workers'
import { createObjectStore, isNamespace } from '../../api/replay/object-store.ts'
import { replayContract } from '../api/replay-contract.ts'

replayContract('durable object', async () => {
  const namespace = env['REPLAY']
  if (!isNamespace(namespace)) throw new Error('wrangler.toml has no binding REPLAY')
  return createObjectStore(namespace)
})
