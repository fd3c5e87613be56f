/** What rewards were given for. */
import type { BackendStatus, StartRequest } from '../../../shared/client.ts'
import { StartRequest as Settings } from '../../../shared/tpo.ts'

/** Each answer's text repeats the whole question; of very long ones, that would be megabytes. */
const questionCharacters = 1_000_000

/** Asks for the provenance of rewards, where the reward model's server has it to give; null is unknown. */
export function withProvenance(
  request: StartRequest,
  server: Pick<BackendStatus, 'speaks'> | null,
): StartRequest {
  const settings = Settings.safeParse(request)
  if (server === null || !settings.success) return request
  const { query = '', messages = [], samples, iterations } = settings.data
  const question = messages.reduce((sum, { content }) => sum + content.length, query.length)
  const explain =
    server.speaks === 'tpo' && question * samples * (iterations + 1) <= questionCharacters
  return { ...request, reward: { ...request.reward, explain } }
}
