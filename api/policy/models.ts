import { APIError, type OpenAI } from 'openai'
import { z } from 'zod'

/** A served model; `max_model_len` is vLLM's addition to OpenAI's fields. */
const ServedModel = z.object({
  id: z.string(),
  created: z.number().int().nullish(),
  max_model_len: z.number().int().positive().nullish(),
})
export type ServedModel = z.infer<typeof ServedModel>

const ModelPage = z.object({ data: z.array(ServedModel) })

/** The models that a server lists, if it does: some have no such address, some are no such server. */
export interface Listing {
  models: ServedModel[]
  answered: 'list' | 'no such address' | 'something else'
}

const keptSeconds = 60

/** Where a server's last list of models is remembered. */
export interface ListingMemory {
  kept?: { listing: Listing; until: number }
}

/**
 * The server's models, remembered for a short while: `kept` are those that are, `ask` asks again
 * and throws what the openai client throws.
 */
export function modelList(client: OpenAI, clock: () => number, memory: ListingMemory) {
  return {
    kept: (): Listing | undefined => {
      const { kept } = memory
      return kept !== undefined && clock() < kept.until ? kept.listing : undefined
    },
    async ask(options: OpenAI.RequestOptions): Promise<Listing> {
      const listing = await ask(client, options)
      memory.kept = { listing, until: clock() + keptSeconds * 1000 }
      return listing
    },
    forget() {
      delete memory.kept
    },
  }
}

async function ask(client: OpenAI, options: OpenAI.RequestOptions): Promise<Listing> {
  try {
    // Its own list takes any answer for an empty one.
    const models = ModelPage.safeParse(await client.get<unknown>('/models', options))
    return models.success
      ? { models: models.data.data, answered: 'list' }
      : { models: [], answered: 'something else' }
  } catch (error) {
    if (error instanceof APIError && [404, 405, 501].includes(error.status)) {
      return { models: [], answered: 'no such address' }
    }
    throw error
  }
}
