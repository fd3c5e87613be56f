/** What a request waits for in the local policy, as spans inside its own. */
import type { AnswerDelta, GenerationRequest } from '../inference/generation/generate.ts'
import type { Policy } from '../inference/generation/policy.ts'
import type { Queue } from '../inference/runtime/queue.ts'
import { attribute, stage } from '../shared/telemetry/names.ts'
import { pastSpan } from '../shared/telemetry/past.ts'
import {
  type Attributes,
  fail,
  note,
  noteCurrent,
  recordedSpan,
  type Span,
  traced,
} from '../shared/telemetry/traced.ts'
import type { CompletionHead } from './completion.ts'

/** The same line; to wait in it is a span. */
export const observedQueue = (queue: Queue): Queue => ({
  ...queue,

  join(signal) {
    const turn = queue.join(signal)
    void traced(stage.queue, { signal }, () => turn).catch(() => undefined)
    return turn
  },
})

/** The same model; the prompt and the rest of what it generates inside a request are spans. */
export const observedPolicy = (model: Policy): Policy => ({
  ...model,

  async *generate(request, signal, onDeltas) {
    const server = recordedSpan()
    if (server === undefined) return yield* model.generate(request, signal, onDeltas)
    note(server, () => asked(model.name, request))
    const { hear, end } = generation(request, server, signal)
    try {
      yield* model.generate(request, signal, (deltas) => {
        hear(deltas)
        onDeltas?.(deltas)
      })
    } catch (error) {
      end(error)
      throw error
    }
    end()
  },
})

/** Adds to the request's span what its answers are called and how they are sent. */
export const noteAnswer = ({ id, model }: CompletionHead, stream: boolean): void =>
  noteCurrent(() => ({
    [attribute.responseId]: id,
    [attribute.responseModel]: model,
    [attribute.stream]: stream,
  }))

function generation(request: GenerationRequest, server: Span, signal: AbortSignal | undefined) {
  const began = performance.now()
  const last: AnswerDelta[] = []
  let [first, latest] = [began, began]
  return {
    hear(deltas: readonly AnswerDelta[]) {
      latest = performance.now()
      if (last.length === 0) first = latest
      for (const delta of deltas) last[delta.index] = delta
    },
    end(error?: unknown) {
      // A stream that fails has its status by then.
      if (error !== undefined) fail(server, error, signal)
      const inside = { parent: server, signal }
      const prefilled = last.length > 0
      pastSpan(stage.prefill, {
        ...inside,
        from: began,
        ...(prefilled ? { to: first } : { error }),
        attributes: () => prefill(request),
      })
      if (!prefilled) return
      pastSpan(stage.decode, {
        ...inside,
        from: first,
        to: latest,
        error,
        attributes: () => decode(last, (latest - first) / 1000),
      })
      note(server, () => ({
        [attribute.finishReasons]: last.flatMap(({ finish }) => finish ?? []),
      }))
    },
  }
}

/**
 * How many tokens the answers took is not said by gen_ai's names: tools add those up over all spans,
 * and the caller's has them.
 */
const asked = (model: string, { answers, sampling, maxTokens }: GenerationRequest): Attributes => ({
  [attribute.requestModel]: model,
  [attribute.choiceCount]: answers,
  [attribute.seed]: sampling.seed,
  [attribute.temperature]: sampling.temperature,
  [attribute.topP]: sampling.topP,
  [attribute.maxTokens]: maxTokens,
})

/** The prompt goes through the model once for all answers. */
const prefill = ({ ids, answers }: GenerationRequest): Attributes => ({
  [attribute.samples]: answers,
  [attribute.computedTokens]: ids.length,
  [attribute.sharedTokens]: ids.length * (answers - 1),
})

/** An answer's first token comes of the prompt, and its last goes nowhere. */
function decode(last: readonly AnswerDelta[], seconds: number): Attributes {
  const tokens = last.reduce((sum, { tokens }) => sum + tokens - 1, 0)
  return {
    [attribute.samples]: last.length,
    [attribute.computedTokens]: tokens,
    [attribute.tokensPerSecond]: seconds > 0 ? tokens / seconds : 0,
  }
}
