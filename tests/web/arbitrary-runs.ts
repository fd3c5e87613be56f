/** Records of runs as no API would ever make them: any texts, any tree. */
import * as fc from 'fast-check'
import type { RunNode, RunRecord } from '../../clients/common/record.ts'
import { StartRequest, type Run, type Step } from '../../shared/tpo.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('=1+1', '-2\n3', '问题', 'a "b", c', '# head\n```', '', '<script>', ' | '),
)
const reward = fc.double({ min: -50, max: 50, noNaN: true }).map((value) => value + 0)
const iteration = fc.nat(3)
const count = fc.nat(1000)

const ranked = fc.record({ text, reward, iteration, index: fc.nat(4) })
const candidate = fc.record(
  { index: fc.nat(4), text, thinking: text, finish_reason: text, tokens: count, reward },
  { requiredKeys: ['index', 'text', 'finish_reason', 'tokens'] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    name: fc.constantFrom('sample' as const, 'score' as const, 'update' as const),
    iteration,
    candidates: fc.array(candidate, { maxLength: 3 }),
  }),
  fc.record(
    {
      name: fc.constantFrom('loss' as const, 'gradient' as const),
      iteration,
      text,
      messages: fc.array(fc.record({ role: fc.constant('user' as const), content: text })),
    },
    { requiredKeys: ['name', 'iteration', 'text'] },
  ),
)
const run: fc.Arbitrary<Run> = fc.record({
  id: fc.constant('run'),
  mode: fc.constantFrom('tpo' as const, 'revision' as const, 'bon' as const),
  samples: fc.nat(5),
  iterations: fc.nat(3),
  iteration,
  best: fc.option(ranked),
  worst: fc.option(ranked),
  history: fc.array(
    fc.record({ iteration, mean: reward, best: reward, worst: reward, std: reward, count }),
    { maxLength: 3 },
  ),
  usage: fc.record({
    prompt_tokens: count,
    completion_tokens: count,
    model_calls: count,
    reward_calls: count,
    seconds: count,
  }),
  stop_reason: fc.option(fc.constantFrom('iterations' as const, 'plateau' as const)),
})
const at = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** `parent` says which of the positions before it a position follows. */
const node = fc.record({
  parent: fc.nat(),
  run,
  step,
  at,
  cursor: text,
  next: fc.option(
    fc.record({ step: fc.constantFrom('score' as const, 'loss' as const), iteration }),
  ),
  edit: fc.option(fc.record({ loss: fc.constant('An edited loss.') }), { nil: undefined }),
})

const request = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      fc.record({ query: fc.string({ minLength: 1 }).map((query) => `Q ${query}`) }),
      fc.record({
        messages: fc.constant([
          { role: 'system' as const, content: '简短回答' },
          { role: 'user' as const, content: 'Why?\nHow?' },
        ]),
      }),
    ),
  )
  .map(([strict_reference, asked]) => StartRequest.parse({ ...asked, strict_reference }))

export const runRecord: fc.Arbitrary<RunRecord> = fc
  .record({
    request,
    created_at: at,
    start: fc.record({ run, at, cursor: text }),
    later: fc.array(node, { maxLength: 8 }),
  })
  .map(({ request, created_at, start, later }) => {
    const first: RunNode = { ...start, id: '0', parent: null, step: null, next: null }
    const nodes = later.map(({ parent, edit, ...rest }, place): RunNode => {
      const edited = edit === undefined ? {} : { edit }
      return { ...rest, ...edited, id: String(place + 1), parent: String(parent % (place + 1)) }
    })
    return {
      format: 'tpo-run',
      version: 1,
      id: 'run',
      created_at,
      request,
      nodes: [first, ...nodes],
    }
  })
