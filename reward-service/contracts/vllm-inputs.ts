/** vLLM's `/classify` and `/pooling`: whole sequences, as text, token ids or messages. */
import { z } from 'zod'
import { TokenIds } from '../../shared/rewards.ts'
import { Message } from '../../shared/tpo.ts'
import type { Sequence } from '../score.ts'
import type { Contract } from './contract.ts'
import { activated, commonFields, expectModel, listOf, maxInputs, toVllmError } from './vllm.ts'

const text = z.string().min(1)

const Completion = z.object({
  ...commonFields,
  input: z.union([
    text,
    z.array(text).min(1).max(maxInputs),
    TokenIds,
    z.array(TokenIds).min(1).max(maxInputs),
  ]),
  messages: z.undefined('give either `input` or `messages`').optional(),
  add_special_tokens: z.boolean().default(true),
})

const Part = z.object({ type: z.literal('text', 'only text is scored here'), text: z.string() })

/** Text in parts is joined by line breaks, as vLLM does for templates that take strings. */
const ChatContent = z.union([
  z.string(),
  z.array(Part).transform((parts) => parts.map((part) => part.text).join('\n')),
])

const ownTemplate = z.null("the model's own chat template is used here").optional()
const wholeAnswer = z.literal(false, 'the last message is scored as it stands').default(false)

const Chat = z.object({
  ...commonFields,
  input: z.undefined('give either `input` or `messages`').optional(),
  messages: z
    .array(z.object({ role: Message.shape.role, content: ChatContent }))
    .min(1)
    .max(1000),
  add_special_tokens: z
    .literal(false, 'the chat template writes the special tokens')
    .default(false),
  add_generation_prompt: wholeAnswer,
  continue_final_message: wholeAnswer,
  chat_template: ownTemplate,
  chat_template_kwargs: ownTemplate,
})

const Request = z.union([Completion, Chat])
type Request = z.infer<typeof Request>

const PoolingRequest = Request.and(
  z.object({
    task: z.literal('classify', 'one reward for a whole sequence is given here').nullish(),
    encoding_format: z.literal('float', 'numbers are sent as such here').nullish(),
  }),
)

function toSequences(request: Request, model: string): Sequence[] {
  expectModel(request.model, model)
  if (request.input === undefined) return [{ path: '$.messages', messages: request.messages }]
  const { input, add_special_tokens: addSpecialTokens } = request
  const one = (item: string | readonly number[], path: string): Sequence =>
    typeof item === 'string'
      ? { path, text: item, addSpecialTokens }
      : { path, ids: Int32Array.from(item) }
  if (typeof input === 'string' || isTokens(input)) return [one(input, '$.input')]
  return input.map((item, index) => one(item, `$.input[${index}]`))
}

const isTokens = (input: readonly unknown[]): input is readonly number[] =>
  typeof input[0] === 'number'

export const classify: Contract<Request> = {
  request: Request,
  toSequences,
  toAnswer: (request, scored, served) =>
    listOf(
      'classify',
      scored.map(({ reward }, index) => ({
        index,
        label: served.label,
        probs: [activated(request, reward)],
        num_classes: 1,
      })),
      scored,
      served,
    ),
  toError: toVllmError,
}

export const pooling: Contract<z.infer<typeof PoolingRequest>> = {
  request: PoolingRequest,
  toSequences,
  toAnswer: (request, scored, served) =>
    listOf(
      'pool',
      scored.map(({ reward }, index) => ({
        index,
        object: 'pooling',
        data: [activated(request, reward)],
      })),
      scored,
      served,
    ),
  toError: toVllmError,
}
