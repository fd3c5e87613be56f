/** Text Embeddings Inference: `POST /predict` with pairs of question and answer, raw logits. */
import { z } from 'zod'
import { bare, onlyQuestion, type RewardContract } from './contract.ts'

const Answer = z.array(z.tuple([z.object({ score: z.number() })]))

const ErrorAnswer = z.object({ error: z.string() })

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
  probe: { path: '/health', status: 200 },
}
