import { APIError, type OpenAI } from 'openai'
import { z } from 'zod'

/** A served model; `max_model_len` is vLLM's addition to OpenAI's fields. */
const ServedModel = z.object({
  id: z.string(),
  max_model_len: z.number().int().positive().nullish(),
})
export type ServedModel = z.infer<typeof ServedModel>

const keptSeconds = 60

/**
 * Lists the server's models, remembered for a short while: `list` throws what the openai client
 * throws, `forget` makes the next call ask again. A server without the endpoint has an empty list.
 */
export function modelList(client: OpenAI, clock: () => number) {
  let kept: { models: ServedModel[]; until: number } | undefined
  return {
    async list(options: OpenAI.RequestOptions): Promise<ServedModel[]> {
      if (kept !== undefined && clock() < kept.until) return kept.models
      const models = await ask(client, options)
      kept = { models, until: clock() + keptSeconds * 1000 }
      return models
    },
    forget() {
      kept = undefined
    },
  }
}

async function ask(client: OpenAI, options: OpenAI.RequestOptions): Promise<ServedModel[]> {
  try {
    const page = await client.models.list(options)
    const models = z.array(ServedModel).safeParse(page.data)
    return models.success ? models.data : []
  } catch (error) {
    if (error instanceof APIError && [404, 405, 501].includes(error.status)) return []
    throw error
  }
}
