/**
 * What spans, events, attributes and metrics are called: the one table. Nothing else in the house writes such
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

  /** `input` or `output`. */
  tokenType: 'gen_ai.token.type',
  /** Whom the API asks: `policy` or `reward`. */
  upstream: 'tpo.upstream',
  /** What was asked for a second time: `step`, `run` or `completion`. */
  work: 'tpo.work',

  /** The job of a question as its engine names it, and the question's place in it. */
  job: 'tpo.job',
  question: 'tpo.question',
  /** How a question of a job ended: `finished` or `failed`. */
  outcome: 'tpo.outcome',
} as const

/** OpenInference's kinds that we have, which Phoenix draws differently. */
export const spanKind = { chain: 'CHAIN', llm: 'LLM', evaluator: 'EVALUATOR' } as const

/**
 * Metrics, as OpenTelemetry names them; Prometheus has `_` for `.`, and `_total` after what only
 * grows. `te_` are Text Embeddings Inference's and `process_`, `nodejs_` prom-client's names, which
 * are the same everywhere.
 */
export const metric = {
  requestDuration: 'http.server.request.duration',
  activeRequests: 'http.server.active_requests',
  problems: 'tpo.problems',

  runs: 'tpo.runs',
  stepDuration: 'tpo.step.duration',
  rewardGain: 'tpo.reward.gain',
  replays: 'tpo.replays',

  jobsWaiting: 'tpo.jobs.waiting',
  jobsActive: 'tpo.jobs.active',
  jobQuestions: 'tpo.jobs.questions',

  tokenUsage: 'gen_ai.client.token.usage',
  chatDuration: 'gen_ai.client.operation.duration',
  timeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
  failedAttempts: 'tpo.policy.failed_attempts',
  scoreDuration: 'tpo.score.duration',
  upstreamActive: 'tpo.upstream.active',

  teRequests: 'te_request_count',
  teDuration: 'te_request_duration',
  teTokenization: 'te_request_tokenization_duration',
  teQueueTime: 'te_request_queue_duration',
  teInference: 'te_request_inference_duration',
  teInputLength: 'te_request_input_length',
  teQueueSize: 'te_queue_size',
  teBatchSize: 'te_batch_next_size',
  teBatchTokens: 'te_batch_next_tokens',
  rewardComputedTokens: 'tpo_reward_computed_tokens_total',
  rewardSequenceTokens: 'tpo_reward_sequence_tokens_total',
  rewardPaddedTokens: 'tpo_reward_padded_tokens_total',
  rewardDeviceSeconds: 'tpo_reward_device_seconds_total',
  rewardRestarts: 'tpo_reward_worker_restarts_total',
  rewardDeviceState: 'tpo_reward_device_state',
  gpuMemory: 'tpo_reward_gpu_memory_bytes',

  policyTokens: 'tpo_policy_tokens_total',
  policySeconds: 'tpo_policy_busy_seconds_total',
  policyQueue: 'tpo_policy_queue_size',

  cpuUser: 'process_cpu_user_seconds_total',
  cpuSystem: 'process_cpu_system_seconds_total',
  cpu: 'process_cpu_seconds_total',
  startTime: 'process_start_time_seconds',
  residentMemory: 'process_resident_memory_bytes',
  lagMin: 'nodejs_eventloop_lag_min_seconds',
  lagMax: 'nodejs_eventloop_lag_max_seconds',
  lagMean: 'nodejs_eventloop_lag_mean_seconds',
  lagStddev: 'nodejs_eventloop_lag_stddev_seconds',
  lagP50: 'nodejs_eventloop_lag_p50_seconds',
  lagP90: 'nodejs_eventloop_lag_p90_seconds',
  lagP99: 'nodejs_eventloop_lag_p99_seconds',
  heapTotal: 'nodejs_heap_size_total_bytes',
  heapUsed: 'nodejs_heap_size_used_bytes',
  external: 'nodejs_external_memory_bytes',
  version: 'nodejs_version_info',
} as const
