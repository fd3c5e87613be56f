/** One exchange with a policy server as a span and metrics: its attempts, its first chunk, what came of it. */
import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import { attribute, event, operation, spanKind } from '../../shared/telemetry/names.ts'
import {
  type Attributes,
  begin,
  capturesContent,
  errorType,
  fail,
  failure,
  inherited,
  note,
  SpanKind,
} from '../../shared/telemetry/traced.ts'
import type { ProblemError } from '../../shared/problems.ts'
import type { ChatParams } from '../policy/adapt.ts'
import type { Collected } from '../policy/stream.ts'
import { answerContent, promptContent } from './content.ts'
import { chatBegins } from './upstream-metrics.ts'

export interface ChatObserver {
  /** Makes an attempt, whose failure is an event of the span: the next one may succeed. */
  attempt: <T>(send: () => Promise<T>) => Promise<T>
  /** Hears of the first chunk. */
  opened: (chunk: ChatCompletionChunk) => void
}

/** An exchange that ended with answers, of which some may have broken off. */
type Exchanged = Collected & { failure?: ProblemError }

/**
 * `server` are the attributes of its address, `signal` is the caller's. Who listens to the answers is
 * not inside the span.
 */
export async function observedChat<T extends Exchanged>(
  params: ChatParams,
  server: Attributes,
  signal: AbortSignal,
  exchange: (observer: ChatObserver) => Promise<T>,
): Promise<T> {
  const began = performance.now()
  const measured = chatBegins(params.model)
  let how: Attributes = {}
  const failed = (error: unknown) => {
    how = failure(error, signal)
    fail(span, error, signal)
  }
  const { span, within } = begin(`${operation.chat} ${params.model}`, {
    kind: SpanKind.CLIENT,
    attributes: () => ({ ...server, ...asked(params) }),
  })
  const observer: ChatObserver = {
    attempt: (send) =>
      within(send).catch((error: unknown) => {
        if (!signal.aborted) measured.attemptFailed(error)
        span.addEvent(event.attemptFailed, { [attribute.errorType]: errorType(error) })
        throw error
      }),
    opened({ id, model }) {
      measured.firstChunk()
      note(span, () => ({
        [attribute.responseId]: id,
        [attribute.responseModel]: model,
        [attribute.timeToFirstChunk]: (performance.now() - began) / 1000,
      }))
    },
  }
  try {
    const exchanged = await exchange(observer)
    note(span, () => answered(exchanged))
    measured.spent(exchanged)
    if (exchanged.failure !== undefined) failed(exchanged.failure)
    return exchanged
  } catch (error) {
    failed(error)
    throw error
  } finally {
    span.end()
    measured.ends(how)
  }
}

function asked(params: ChatParams): Attributes {
  const { model, n, seed, temperature, top_p, messages } = params
  const max_tokens = params.max_tokens ?? params.max_completion_tokens
  const { [attribute.step]: step } = inherited()
  const sampling = { n, seed, temperature, top_p, max_tokens }
  return {
    [attribute.operation]: operation.chat,
    // Its dialect: whose server it is, nobody says.
    [attribute.provider]: 'openai',
    [attribute.prompt]: step === undefined ? undefined : `tpo.${String(step)}`,
    [attribute.requestModel]: model,
    [attribute.choiceCount]: n,
    [attribute.seed]: seed ?? undefined,
    [attribute.temperature]: temperature ?? undefined,
    [attribute.topP]: top_p ?? undefined,
    [attribute.maxTokens]: max_tokens ?? undefined,
    [attribute.stream]: true,
    [attribute.spanKind]: spanKind.llm,
    [attribute.system]: 'openai',
    [attribute.modelName]: model,
    [attribute.invocation]: JSON.stringify(sampling),
    ...(capturesContent() && promptContent(messages)),
  }
}

const answered = ({ choices, prompt_tokens, completion_tokens }: Exchanged): Attributes => ({
  [attribute.finishReasons]: choices.map(({ finish_reason }) => finish_reason),
  [attribute.inputTokens]: prompt_tokens,
  [attribute.outputTokens]: completion_tokens,
  [attribute.promptTokens]: prompt_tokens,
  [attribute.completionTokens]: completion_tokens,
  [attribute.totalTokens]: prompt_tokens + completion_tokens,
  ...(capturesContent() && answerContent(choices)),
})
