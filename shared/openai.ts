/** OpenAI's contract, as far as `/v1/chat/completions` and `/v1/models` speak it. */
import { z } from 'zod'
import { expectSlots } from './prompts.ts'
import { IterationSummary, Run, StartRequest } from './tpo.ts'

const { query: _query, messages: conversation, ...runSettings } = StartRequest.shape

/** The settings of a run, as `POST /v1/tpo/start` takes them. */
export const RunSettings = z
  .object(runSettings)
  .strict()
  .superRefine(expectSlots)
  .meta({ id: 'RunSettings' })

const TextPart = z.object({ type: z.literal('text'), text: z.string() })

const Content = z.union([z.string(), z.array(TextPart), z.null()], {
  error: 'must be text, or a list of parts of type "text"',
})

const ChatMessage = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant']),
    content: Content.default(null),
  })
  .transform(({ role, content }) => ({
    role: role === 'developer' ? ('system' as const) : role,
    content: Array.isArray(content) ? content.map(({ text }) => text).join('\n') : (content ?? ''),
  }))

const tokens = z.number().int().min(1).max(1_000_000)
const stopString = z.string().min(1)
const tools = z
  .array(z.unknown())
  .max(0, 'tools cannot be called here: TPO writes and compares texts')
  .nullish()

/** Fields that are not named here are passed on to the policy. */
export const ChatRequest = z
  .looseObject({
    model: z.string().max(500).nullish().describe('One of GET /v1/models; its first if left out'),
    messages: z.array(ChatMessage).min(1).max(1000).pipe(conversation.unwrap()),
    n: z
      .number()
      .int()
      .min(1)
      .max(128)
      .nullish()
      .describe('How many of the best answers to return; at least so many are sampled'),
    seed: z.number().int().nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().gt(0).max(1).nullish(),
    max_tokens: tokens.nullish(),
    max_completion_tokens: tokens
      .nullish()
      .describe('The newer name of max_tokens, which it beats'),
    stop: z.union([stopString, z.array(stopString).max(16)]).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    tools,
    functions: tools,
    logprobs: z.literal(false, 'an answer has no logprobs here; leave it out').nullish(),
    tpo: RunSettings.prefault({}).describe(
      'Settings of the run; the fields of OpenAI beat those of tpo.policy',
    ),
  })
  .meta({ id: 'ChatRequest' })
export type ChatRequest = z.output<typeof ChatRequest>

export const CompletionUsage = z
  .object({
    prompt_tokens: z.number().int(),
    completion_tokens: z.number().int(),
    total_tokens: z.number().int(),
    completion_tokens_details: z.object({
      reasoning_tokens: z.number().int().describe('All that is not in the returned answers'),
    }),
  })
  .meta({ id: 'CompletionUsage', description: 'Everything the run spent, policy and critic' })
export type CompletionUsage = z.infer<typeof CompletionUsage>

/** What the run behind the answer came to, beside OpenAI's fields. */
export const Outcome = z
  .object({
    cursor: z.string().describe('The finished run, for /v1/tpo/inspect'),
    stop_reason: Run.shape.stop_reason,
    history: z.array(IterationSummary),
    answers: z
      .array(z.object({ reward: z.number(), iteration: z.number().int(), index: z.number().int() }))
      .describe('The origin of each choice'),
  })
  .meta({ id: 'Outcome' })

const envelope = { id: z.string(), created: z.number().int(), model: z.string() }

export const ChatCompletion = z
  .object({
    ...envelope,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.object({
        index: z.number().int(),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string(),
          refusal: z.null(),
        }),
        logprobs: z.null(),
        finish_reason: z.string(),
      }),
    ),
    usage: CompletionUsage,
    tpo: Outcome,
  })
  .meta({ id: 'ChatCompletion' })
export type ChatCompletion = z.infer<typeof ChatCompletion>

export const ChatCompletionChunk = z
  .object({
    ...envelope,
    object: z.literal('chat.completion.chunk'),
    choices: z.array(
      z.object({
        index: z.number().int(),
        delta: z.object({
          role: z.literal('assistant').optional(),
          reasoning_content: z.string().optional().describe('How the run goes'),
          content: z.string().optional(),
        }),
        logprobs: z.null(),
        finish_reason: z.string().nullable(),
      }),
    ),
    usage: CompletionUsage.nullish(),
    tpo: Outcome.optional(),
  })
  .meta({ id: 'ChatCompletionChunk' })
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>

export const ModelList = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        id: z.string(),
        object: z.literal('model'),
        created: z.number().int(),
        owned_by: z.string(),
        max_model_len: z.number().int().optional().describe('Context length in tokens'),
      }),
    ),
  })
  .meta({ id: 'ModelList' })
export type ModelList = z.infer<typeof ModelList>

export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' })
export type OpenAiError = z.infer<typeof OpenAiError>
