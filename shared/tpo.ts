/** The TPO contract: what the API takes and gives. */
import { z } from 'zod'
import { Edit, Edited } from './edit.ts'
import { ExtraBody } from './extra-body.ts'
import { Mode } from './mode.ts'
import { PolicyUrl } from './policy-url.ts'
import { expectSlots, Prompts } from './prompts.ts'
import { maxTokens, runSeed, samples, temperature, topP } from './sampling.ts'
import { StopReason, StopSettings } from './stop.ts'

export { Edit } from './edit.ts'
export { Mode } from './mode.ts'

export const Message = z
  .object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })
  .strict()
  .meta({ id: 'Message' })
export type Message = z.infer<typeof Message>

export const StepName = z
  .enum(['sample', 'score', 'loss', 'gradient', 'update'])
  .meta({ id: 'StepName' })
export type StepName = z.infer<typeof StepName>

const model = z.string().min(1).max(500)

/** How samples and updates are drawn. */
const PolicySettings = z
  .object({
    base_url: PolicyUrl.optional().describe(
      'Another policy than the configured one, where the operator allows it; its key comes with each call as X-TPO-Policy-Key',
    ),
    model: model.optional().describe("The served model's name; the server's first one if left out"),
    temperature: temperature.default(0.7),
    top_p: topP.default(0.95),
    max_tokens: maxTokens.default(2048).describe("Fitted to the server's context length"),
    extra_body: ExtraBody.optional().describe(
      'Fields passed through to the policy server, such as top_k',
    ),
  })
  .strict()

/** How the textual loss and the textual gradient are drawn. */
const CriticSettings = z
  .object({
    model: model.optional().describe('The policy itself if left out'),
    temperature: temperature.default(0.7),
    top_p: topP.default(0.99),
    max_tokens: maxTokens.default(8192).describe("Fitted to the server's context length"),
    extra_body: ExtraBody.optional(),
  })
  .strict()

/** How candidates are scored; all but the model needs a reward service (TPO_REWARD_API=tpo). */
const RewardSettings = z
  .object({
    model: model.optional(),
    explain: z
      .boolean()
      .optional()
      .describe('Tell of every candidate what the reward model read: reward_detail'),
    truncate: z
      .boolean()
      .optional()
      .describe('Cut the middle out of what is longer than the reward model takes'),
  })
  .strict()

const strictReference = z
  .boolean()
  .default(false)
  .describe(
    "Compute as TPO's reference implementation does, its weaknesses included: one seed for all draws and none for the critic, thinking text not taken out, rewrites without their tags dropped (docs/reference.md)",
  )

const conversation = z
  .array(Message)
  .min(1)
  .max(1000)
  .refine((messages) => messages.at(-1)?.role === 'user', {
    message: 'the last message must be from the user',
  })
  .refine((messages) => messages.at(-1)?.content.trim() !== '', {
    message: 'the last message must have some text',
  })

/** What a run is asked: one of the two. */
export const asked = {
  query: z.string().trim().min(1).max(1_000_000).optional().describe('One question'),
  messages: conversation.optional().describe('Or a conversation that ends with the user'),
}

export function expectOneAsked(
  { query, messages }: { query?: unknown; messages?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if ((query === undefined) !== (messages === undefined)) return
  context.addIssue({ code: 'custom', path: ['query'], message: 'give either query or messages' })
}

/** All that a run is asked with, whatever it is asked. */
export const runSettings = {
  mode: Mode.default('tpo'),
  samples: samples.default(5).describe('N: answers per iteration'),
  iterations: z.number().int().min(0).max(100).default(2).describe('D: rounds of improvement'),
  seed: runSeed.default(7).describe('Every model call derives its own seed from this one'),
  policy: PolicySettings.prefault({}),
  critic: CriticSettings.prefault({}),
  reward: RewardSettings.prefault({}),
  prompts: Prompts.optional().describe('Templates in the place of our own; any of them'),
  stop: StopSettings.prefault({}).describe('When to end before the last iteration'),
  strict_reference: strictReference,
}

export const StartRequest = z
  .object({ ...asked, ...runSettings })
  .strict()
  .superRefine(expectOneAsked)
  .superRefine(expectSlots)
  .meta({ id: 'StartRequest' })
export type StartRequest = z.input<typeof StartRequest>
export type StartSettings = z.output<typeof StartRequest>

export const Cursor = z
  .string()
  .min(1)
  .describe('Opaque, encrypted state of the run; any earlier one can be used again')

export const InspectRequest = z.object({ cursor: Cursor }).strict().meta({ id: 'InspectRequest' })

export const StepRequest = z
  .object({
    cursor: Cursor,
    edit: Edit.optional().describe('Changes the run just before its next step'),
  })
  .strict()
  .meta({ id: 'StepRequest' })
export type StepRequest = z.infer<typeof StepRequest>

export const Next = z
  .object({
    step: StepName,
    iteration: z.number().int().min(0).describe('0 is the first sample, 1…D the updates'),
  })
  .meta({ id: 'Next' })
export type Next = z.infer<typeof Next>

const until = Next.strict().optional().describe('Stop when this is next; at the end if left out')

const RunFromCursor = z.object({ ...StepRequest.shape, until }).strict()
const RunFromSettings = StartRequest.safeExtend({ until })

export const RunRequest = z.union([RunFromCursor, RunFromSettings]).meta({ id: 'RunRequest' })
export type RunRequest = z.input<typeof RunRequest>
export type RunOrder = z.output<typeof RunRequest>

/** How a reward came about. */
export const RewardDetail = z
  .object({
    tokens: z.number().int().describe('Length of prompt and candidate together, as it was scored'),
    truncated: z.boolean().describe('Whether it was longer, and its middle was cut out'),
    tokens_cut: z
      .number()
      .int()
      .optional()
      .describe('How many tokens were cut out; of very long texts, at least so many'),
    rendered: z.string().optional().describe('The exact text that was read, after any cut'),
    pooled_token: z
      .object({
        id: z.number().int(),
        text: z.string(),
        position: z.number().int().describe('Its place in the sequence, from 0'),
      })
      .optional()
      .describe('The token whose logit is the reward'),
  })
  .meta({ id: 'RewardDetail' })
export type RewardDetail = z.infer<typeof RewardDetail>

export const Candidate = z
  .object({
    index: z.number().int(),
    text: z.string(),
    thinking: z.string().optional().describe('For display; never scored or criticised'),
    finish_reason: z
      .string()
      .describe("The server's own: stop, or length where it was cut; edit where you added it"),
    tokens: z
      .number()
      .int()
      .describe("Apportioned where the server counts only the candidates' sum"),
    reward: z.number().optional(),
    reward_detail: RewardDetail.optional().describe('In the score step, where reward.explain asks'),
  })
  .meta({ id: 'Candidate' })
export type Candidate = z.infer<typeof Candidate>

export const Ranked = z
  .object({
    text: z.string(),
    reward: z.number(),
    iteration: z.number().int(),
    index: z.number().int(),
  })
  .meta({ id: 'Ranked' })
export type Ranked = z.infer<typeof Ranked>

export const IterationSummary = z
  .object({
    iteration: z.number().int(),
    mean: z.number(),
    best: z.number(),
    worst: z.number(),
    std: z.number().describe('Population standard deviation'),
    count: z.number().int(),
  })
  .meta({ id: 'IterationSummary' })
export type IterationSummary = z.infer<typeof IterationSummary>

export const Usage = z
  .object({
    prompt_tokens: z.number().int(),
    completion_tokens: z.number().int(),
    model_calls: z.number().int(),
    reward_calls: z
      .number()
      .int()
      .describe('Score steps; in how many requests their answers were scored does not count'),
    seconds: z.number().describe('Time spent inside steps'),
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof Usage>

export const Run = z
  .object({
    id: z.string(),
    mode: Mode,
    samples: z.number().int(),
    iterations: z.number().int(),
    iteration: z.number().int().describe('The iteration reached so far'),
    best: Ranked.nullable(),
    worst: Ranked.nullable(),
    history: z.array(IterationSummary),
    usage: Usage,
    stop_reason: StopReason.nullable(),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const Warning = z
  .object({
    code: z.enum([
      'answers_missing',
      'seed_refused',
      'answer_tags_missing',
      'empty_answer',
      'cut_by_length',
      'single_answer',
      'reward_truncated',
      'cut_by_deadline',
      'answers_dropped',
    ]),
    detail: z.string(),
    count: z.number().int(),
  })
  .meta({ id: 'Warning' })
export type Warning = z.infer<typeof Warning>

export const Step = z
  .object({
    name: StepName,
    iteration: z.number().int(),
    candidates: z.array(Candidate).optional(),
    text: z.string().optional().describe('The textual loss or gradient'),
    messages: z
      .array(Message)
      .optional()
      .describe('What the model was asked, in loss, gradient and update'),
    warnings: z.array(Warning).optional(),
  })
  .meta({ id: 'Step' })
export type Step = z.infer<typeof Step>

const position = { cursor: Cursor, run: Run, next: Next.nullable() }

export const Position = z.object(position).meta({ id: 'Position' })
export type Position = z.infer<typeof Position>

export const StepAnswer = z.object({ ...position, step: Step }).meta({ id: 'StepAnswer' })
export type StepAnswer = z.infer<typeof StepAnswer>

export const RunAnswer = z.object({ ...position, steps: z.array(Step) }).meta({ id: 'RunAnswer' })
export type RunAnswer = z.infer<typeof RunAnswer>

export const InspectAnswer = z
  .object({
    run: Run,
    next: Next.nullable(),
    messages: z.array(Message),
    seed: z.number().int(),
    policy: PolicySettings,
    critic: CriticSettings,
    reward: RewardSettings,
    prompts: Prompts.optional(),
    stop: StopSettings.prefault({}),
    strict_reference: strictReference,
    pending: z.array(Candidate).describe('Candidates that are drawn and not yet scored'),
    loss: z.string().nullable(),
    gradient: z.string().nullable(),
    edited: Edited.optional().describe('Edits that still shape this iteration'),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'InspectAnswer' })
export type InspectAnswer = z.infer<typeof InspectAnswer>

const range = z.object({
  low: z
    .number()
    .int()
    .describe('Shortest answers; where there is any stop, the first answers only'),
  typical: z.number().int().describe('Answers and critiques of 400 tokens, every iteration'),
  high: z
    .number()
    .int()
    .describe('All of max_tokens, of ordinary text; a server that takes one request per answer'),
})

/** What a run would take; what is retried or added by hand comes on top. */
export const Estimate = z
  .object({
    requests: range.describe('Calls of this API, step by step: start and every step'),
    model_calls: range,
    reward_calls: range,
    candidates: range,
    prompt_tokens: range,
    completion_tokens: range,
  })
  .meta({ id: 'Estimate' })
export type Estimate = z.infer<typeof Estimate>

/** One backend as `/readyz` sees it. */
export const BackendState = z.object({ ok: z.boolean(), detail: z.string() })
export type BackendState = z.infer<typeof BackendState>

export const Readiness = z
  .object({
    status: z.enum(['ready', 'degraded']),
    policy: BackendState,
    reward: BackendState,
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>
