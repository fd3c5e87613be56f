/** vLLM serving a classifier (`--runner pooling`): `POST /classify` with messages, raw logits. */
import { z } from 'zod'
import { bare, type RewardContract } from './contract.ts'

const Answer = z.object({
  data: z.tuple([z.object({ probs: z.tuple([z.number()]) })]),
})

const Models = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.number().int().nullish() })),
})

const ErrorAnswer = z.object({ error: z.object({ message: z.string() }) })

export const vllm: RewardContract = {
  speaker: 'a vLLM server with a reward model of one label',
  path: '/classify',
  // It takes one conversation at a time, and batches those that come at once.
  toRequests: ({ model, messages, candidates }) =>
    candidates.map((content) => ({
      model,
      messages: [...messages, { role: 'assistant', content }],
      use_activation: false,
    })),
  detailed: false,
  fromAnswer: (body) => bare(Answer.safeParse(body).data?.data[0].probs),
  fromError: (body) => ErrorAnswer.safeParse(body).data?.error.message,
  health: '/health',
  about: {
    path: '/v1/models',
    read(body) {
      const [model] = Models.safeParse(body).data?.data ?? []
      return model && { model: model.id, context_length: model.max_model_len ?? null }
    },
  },
}
