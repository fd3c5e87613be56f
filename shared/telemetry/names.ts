/**
 * What spans, events and attributes are called: the one table. Nothing else in the house writes such
 * a name, so a change of a convention is a change here (docs/observability.md lists the meanings).
 *
 * - gen_ai.*: https://github.com/open-telemetry/semantic-conventions-genai (all "Development")
 * - http.*, server.*, error.type: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * - openinference.*, llm.*, input.*, output.*, session.id: https://arize-ai.github.io/openinference/spec/
 * - tpo.*: our own
 */

/** Operations, which begin the names of spans. */
export const operation = { chat: 'chat', workflow: 'invoke_workflow' } as const

/** What a model service does with a request, each a span. */
export const stage = {
  tokenize: 'tokenize',
  queue: 'queue',
  batch: 'batch',
  /** Of ONNX Runtime: a forward pass. */
  run: 'onnx run',
  prefill: 'prefill',
  decode: 'decode',
} as const

export const event = {
  /** One per candidate that was scored. */
  evaluation: 'gen_ai.evaluation.result',
  /** An attempt of a model call that failed and may be made again. */
  attemptFailed: 'tpo.attempt.failed',
} as const

export const attribute = {
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',

  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  conversation: 'gen_ai.conversation.id',
  workflow: 'gen_ai.workflow.name',
  /** What newer conventions call the workflow. */
  agent: 'gen_ai.agent.name',
  prompt: 'gen_ai.prompt.name',
  requestModel: 'gen_ai.request.model',
  choiceCount: 'gen_ai.request.choice.count',
  seed: 'gen_ai.request.seed',
  temperature: 'gen_ai.request.temperature',
  topP: 'gen_ai.request.top_p',
  maxTokens: 'gen_ai.request.max_tokens',
  stream: 'gen_ai.request.stream',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  /** Seconds. */
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  /** Content, like the three of it below. */
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  evaluation: 'gen_ai.evaluation.name',
  score: 'gen_ai.evaluation.score.value',

  spanKind: 'openinference.span.kind',
  session: 'session.id',
  system: 'llm.system',
  modelName: 'llm.model_name',
  invocation: 'llm.invocation_parameters',
  promptTokens: 'llm.token_count.prompt',
  completionTokens: 'llm.token_count.completion',
  totalTokens: 'llm.token_count.total',
  input: 'input.value',
  inputType: 'input.mime_type',
  output: 'output.value',
  outputType: 'output.mime_type',

  requestId: 'tpo.request.id',
  /** Code of the problem that was answered. */
  problem: 'tpo.problem',
  /** The caller left, or the work was no longer wanted; no error. */
  cancelled: 'tpo.cancelled',
  run: 'tpo.run.id',
  mode: 'tpo.mode',
  step: 'tpo.step',
  iteration: 'tpo.iteration',
  samples: 'tpo.samples',
  iterations: 'tpo.iterations',
  /** Highest and lowest reward of the run so far, and the gap that the textual loss is about. */
  best: 'tpo.reward.best',
  worst: 'tpo.reward.worst',
  gap: 'tpo.reward.gap',
  /** Of this step's candidates that have one, by index. */
  rewards: 'tpo.rewards',
  candidate: 'tpo.candidate.index',
  /** What the reward server speaks. */
  rewardApi: 'tpo.reward.api',
  stopReason: 'tpo.stop_reason',
  /** Sequences of a request or of a batch, whose rows they are. */
  sequences: 'tpo.sequences',
  /** Requests that a batch is for. */
  requests: 'tpo.requests',
  /** Tokens of all sequences together, as if each stood alone. */
  tokens: 'tpo.tokens.total',
  /** Tokens that went through the model: a beginning that several sequences share does once. */
  computedTokens: 'tpo.tokens.computed',
  /** What that saved. */
  sharedTokens: 'tpo.tokens.shared',
  /** By so many positions attention padded the sequences. */
  paddedTokens: 'tpo.tokens.padded',
  /** Tokens that were cut out of texts too long. */
  cutTokens: 'tpo.tokens.cut',
  tokensPerSecond: 'tpo.tokens.per_second',
  device: 'tpo.device',
  /** ONNX Runtime's name of what it runs on, and the type it computes in. */
  runtimeProvider: 'tpo.onnx.provider',
  dtype: 'tpo.onnx.dtype',
  /** Answered from what was stored or under way: nothing was spent. */
  replayed: 'tpo.replayed',
} as const

/** OpenInference's kinds that we have, which Phoenix draws differently. */
export const spanKind = { chain: 'CHAIN', llm: 'LLM', evaluator: 'EVALUATOR' } as const
