/** Text Embeddings Inference: `POST /predict` with pairs of question and answer, raw logits. */
import { z } from 'zod'
import { type About, bare, onlyQuestion, type RewardContract } from './contract.ts'

const Answer = z.array(z.tuple([z.object({ score: z.number() })]))

const ErrorAnswer = z.object({ error: z.string() })

const Info = z.object({
  model_id: z.string(),
  model_dtype: z.string(),
  max_input_length: z.number().int(),
  /** Our own addition. */
  provider: z.string().optional(),
})

/** `GET /info` of TEI, and of our own reward service. */
export function readInfo(body: unknown): About | undefined {
  const { success, data } = Info.safeParse(body)
  if (!success) return undefined
  const { model_id, model_dtype, max_input_length, provider = null } = data
  return { model: model_id, dtype: model_dtype, context_length: max_input_length, provider }
}

const speaker = 'a TEI server with a reward model of one label'

/** What TEI takes in one request unless told otherwise (`--max-client-batch-size`). */
const maxBatch = 32

export const tei: RewardContract = {
  speaker,
  path: '/predict',
  toRequests(request) {
    const question = onlyQuestion(request, speaker)
    const pairs = request.candidates.map((candidate) => [question, candidate])
    return Array.from({ length: Math.ceil(pairs.length / maxBatch) }, (_, batch) => ({
      inputs: pairs.slice(batch * maxBatch, (batch + 1) * maxBatch),
      raw_scores: true,
      truncate: false,
    }))
  },
  detailed: false,
  fromAnswer: (body) => bare(Answer.safeParse(body).data?.map(([{ score }]) => score)),
  fromError: (body) => ErrorAnswer.safeParse(body).data?.error,
  health: '/health',
  about: { path: '/info', read: readInfo },
}
