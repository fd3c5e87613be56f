/** The request of OpenAI's chat completions, as far as this server offers it. */
import { z } from 'zod'

const TextPart = z.object({ type: z.literal('text'), text: z.string() })

/** Parts are joined by line breaks, as vLLM does. */
const Content = z
  .union([z.string(), z.array(TextPart), z.null()], {
    error: 'must be text, or a list of parts of type "text"; this model takes nothing else',
  })
  .default(null)
  .transform((content) =>
    Array.isArray(content) ? content.map(({ text }) => text).join('\n') : (content ?? ''),
  )

const tokens = z.number().int().min(1)
const stopString = z.string().min(1)

/** Unknown fields are ignored, as vLLM ignores them. */
export const ChatRequest = z
  .object({
    model: z.string().nullish(),
    messages: z
      .array(
        z.object({
          role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
          content: Content,
        }),
      )
      .min(1),
    n: z.number().int().min(1).max(128).nullish(),
    seed: z.number().int().nullish(),
    temperature: z.number().min(0).max(100).nullish(),
    top_p: z.number().gt(0).max(1).nullish(),
    max_tokens: tokens.nullish(),
    max_completion_tokens: tokens.nullish(),
    stop: z.union([stopString, z.array(stopString).max(16)]).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  })
  .refine(({ stream, stream_options }) => stream === true || !stream_options, {
    error: 'Stream options can only be defined when `stream=True`.',
    path: ['stream_options'],
  })
export type ChatRequest = z.infer<typeof ChatRequest>
