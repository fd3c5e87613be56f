/** From OpenAI's request to the settings of a run. */
import { z } from 'zod'
import type { ChatRequest } from '../../shared/openai.ts'
import { invalidRequest, problem } from '../../shared/problems.ts'
import { StartRequest, type StartSettings } from '../../shared/tpo.ts'
import type { ServedModels } from '../policy/policy.ts'

/** OpenAI takes any integer for a seed, a run 31 bits of it. */
const seedBits = 0x7fffffff

/** OpenAI's own fields are checked by then: what is wrong together stands in `tpo`. */
const Wrapped = z.object({ tpo: StartRequest })

/**
 * The run that answers `request`. Throws a `model_not_found` problem for a model that the policy
 * does not list, and an `invalid_request` problem for settings that do not go together.
 */
export function toStart(request: ChatRequest, served: ServedModels): StartSettings {
  const {
    model,
    messages,
    n,
    seed,
    temperature,
    top_p,
    max_tokens,
    max_completion_tokens,
    stop,
    stream: _stream,
    stream_options: _streamOptions,
    tools: _tools,
    functions: _functions,
    logprobs: _logprobs,
    tpo,
    ...passedOn
  } = request
  expectServed(model ?? undefined, served)
  const { extra_body, ...policy } = tpo.policy
  const given = { model, temperature, top_p, max_tokens: max_completion_tokens ?? max_tokens }
  const extra = { ...extra_body, ...passedOn, ...withoutNulls({ stop }) }
  const settings = {
    ...tpo,
    messages,
    samples: Math.max(tpo.samples, n ?? 1),
    seed: typeof seed === 'number' ? seed & seedBits : tpo.seed,
    policy: {
      ...policy,
      ...withoutNulls(given),
      ...(Object.keys(extra).length > 0 && { extra_body: extra }),
    },
  }
  const start = Wrapped.safeParse({ tpo: settings })
  if (start.success) return start.data.tpo
  throw invalidRequest(start.error)
}

function expectServed(model: string | undefined, { ids, complete }: ServedModels): void {
  if (model === undefined || !complete || ids.includes(model)) return
  throw problem(
    'model_not_found',
    `The model \`${model}\` does not exist here. Served: ${ids.join(', ')}.`,
    { path: '$.model' },
  )
}

const withoutNulls = (fields: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  )
