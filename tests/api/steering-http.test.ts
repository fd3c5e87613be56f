/** The same through the door: calls in any order, from any cursor, edited or not, keep the promises of a run. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Edit } from '../../shared/edit.ts'
import { Position, type Run, RunAnswer, StepAnswer, type StepName } from '../../shared/tpo.ts'
import { type House, openHouse, present, problemOf } from './house.ts'

const long = process.env['MODE'] === 'long'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

/** Edits that fit before a step. */
const edits: Record<StepName, readonly Edit[]> = {
  sample: [{ sampling: { seed: 1 } }, { sampling: { samples: 1, temperature: 0 } }],
  score: [{ add: ['My own.'] }, { add: ['One.', 'Two.'], drop: [0] }],
  loss: [{ chosen: 'worst', rejected: 'best' }, { chosen: { text: 'Mine.' } }],
  gradient: [{ loss: 'Too long.' }],
  update: [{ gradient: 'Shorter.' }, { sampling: { samples: 3, seed: 2 } }],
}
const places = Object.keys(edits) as StepName[]

const command = fc.record({
  /** How far back the cursor is that is sent: 0 goes on, more forks. */
  back: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(12) }),
  call: fc.constantFrom('step', 'step', 'step', 'named', 'run', 'until', 'stream'),
  /** Which edit: mostly none, sometimes one that fits, seldom one of another step. */
  edit: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.record({ fits: fc.constant(true), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ fits: fc.constant(false), which: fc.nat(9) }) },
  ),
  /** Whether the same is sent once more. */
  again: fc.boolean(),
})
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const settings = fc.record({
  query: fc.constantFrom('Why?', 'Who?'),
  mode: fc.constantFrom('tpo', 'revision', 'bon'),
  samples: fc.integer({ min: 1, max: 3 }),
  iterations: fc.integer({ min: 0, max: 3 }),
  stop: fc.constantFrom({}, {}, { plateau: 1 }, { target_reward: 2 }, { token_budget: 200 }),
})

function editOf({ edit }: Command, step: StepName): Edit | undefined {
  if (edit === null) return undefined
  const fitting = edits[step]
  if (edit.fits) return fitting[edit.which % fitting.length]
  const others = places.filter((place) => place !== step).flatMap((place) => edits[place])
  const misplaced = others.filter((one) => !('sampling' in one))
  return misplaced[edit.which % misplaced.length]
}

/** What a call asks for: two that ask for the same have the same answer. */
interface Asked {
  path: string
  body: { cursor: string; edit?: Edit }
  /** Which answers must be the same bytes. */
  same: string
}

function ask(command: Command, { cursor, run, next }: Position): Asked {
  const step = next?.step ?? 'sample'
  const edit = editOf(command, step)
  const body = { cursor, ...(edit && { edit }) }
  if (command.call === 'run') return { path: 'run', body, same: `run ${JSON.stringify(body)}` }
  if (command.call === 'until') {
    const until = { step: 'score', iteration: run.iterations }
    const whole = { ...body, until }
    return { path: 'run', body: whole, same: `run ${JSON.stringify(whole)}` }
  }
  const path = command.call === 'named' ? `steps/${step}` : 'step'
  return { path, body, same: `step ${JSON.stringify(body)}` }
}

/** What holds of a run wherever it stands. */
function expectRun({ best, worst, history, iterations, iteration, stop_reason }: Run): void {
  expect(history.map((round) => round.iteration)).toEqual([...history.keys()])
  expect(iteration).toBeLessThanOrEqual(iterations)
  expect(best?.reward).toBe(best ? Math.max(...history.map((round) => round.best)) : undefined)
  expect(worst?.reward).toBe(worst ? Math.min(...history.map((round) => round.worst)) : undefined)
  const all = stop_reason !== 'iterations' || history.length === iterations + 1
  expect([all, stop_reason !== null && best === null]).toEqual([true, false])
}

/** What holds between a cursor and what came of it. */
function expectProgress(before: Run, after: Run): void {
  expect(after.best?.reward ?? -99).toBeGreaterThanOrEqual(before.best?.reward ?? -99)
  expect(after.worst?.reward ?? 99).toBeLessThanOrEqual(before.worst?.reward ?? 99)
  expect(after.history.slice(0, before.history.length)).toEqual(before.history)
  for (const [name, amount] of Object.entries(before.usage)) {
    expect(after.usage[name as keyof Run['usage']]).toBeGreaterThanOrEqual(amount)
  }
  const { id, mode, samples, iterations } = before
  expect(after).toMatchObject({ id, mode, samples, iterations })
}

const nothing = { model_calls: 0, reward_calls: 0 }
const asked = () => ({
  model_calls: house.policy.requests.length,
  reward_calls: house.reward.requests.length,
})

/** What a step that was taken just now spent is what the upstreams were asked, and what they counted. */
function expectSpent(before: Run, { run, step }: StepAnswer): void {
  const spent = (name: keyof Run['usage']) => run.usage[name] - before.usage[name]
  expect({ model_calls: spent('model_calls'), reward_calls: spent('reward_calls') }).toEqual(
    asked(),
  )
  const drawn = step.name === 'sample' || step.name === 'update'
  const tokens = step.candidates?.reduce((sum, candidate) => sum + candidate.tokens, 0)
  expect(drawn ? spent('completion_tokens') : tokens).toBe(tokens)
}

/** The last event of a stream, as the whole answer would be. */
function doneOf(text: string): string {
  const data = present([...text.matchAll(/^data: (.*)$/gm)].at(-2)?.[1])
  return data.replace('"type":"done",', '')
}

interface Session {
  positions: Position[]
  /** The bytes that were answered. */
  answers: Map<string, string>
  /** Steps that may have been taken inside a run. */
  inRuns: Set<string>
  note: (what: string) => void
}

const stepOf = ({ cursor, edit }: { cursor: string; edit?: Edit }) =>
  `step ${JSON.stringify({ cursor, ...(edit && { edit }) })}`

/** Notes the steps of a run, as far as their cursors are known here. */
function markPath({ answers, inRuns }: Session, first: { cursor: string; edit?: Edit }): void {
  let step = stepOf(first)
  for (;;) {
    inRuns.add(step)
    const known = answers.get(step)
    if (known === undefined) return
    step = stepOf({ cursor: StepAnswer.parse(JSON.parse(known)).cursor })
  }
}

async function play(session: Session, command: Command, from: Position): Promise<void> {
  const { positions, answers, inRuns, note } = session
  const { path, body, same } = ask(command, from)
  house.policy.behave({})
  house.reward.behave({})
  const accept = command.call === 'stream' ? 'text/event-stream' : 'application/json'
  const response = await house.post(`/v1/tpo/${path}`, body, { accept })
  if (response.status !== 200) {
    const { code } = await problemOf(response)
    const finished = from.next === null
    const unfit = command.edit?.fits === false || command.call === 'until'
    const compares = from.run.mode !== 'tpo' && same.includes('"rejected"')
    ok(finished || unfit || compares, code)
    match(code, finished ? /run_finished|wrong_step/ : /invalid_request/)
    deepEqual(asked(), nothing)
    return note(`refused ${code}`)
  }
  const sent = await response.text()
  const text = command.call === 'stream' ? doneOf(sent) : sent
  const known = answers.get(same)
  if (known !== undefined) {
    // A replay: the same bytes, for nothing.
    equal(text, known)
    deepEqual(asked(), nothing)
    equal(response.headers.get('idempotency-replayed'), 'true')
    return note('replayed')
  }
  answers.set(same, text)
  if (path === 'run') {
    const answer = RunAnswer.parse(JSON.parse(text))
    expectRun(answer.run)
    expectProgress(from.run, answer.run)
    // What a run took and was stored is not taken again, and not paid again.
    const spent = answer.run.usage.model_calls - from.run.usage.model_calls
    ok(asked().model_calls <= spent)
    markPath(session, body)
    // Nothing was taken: all of it lies on the way of another run.
    if (isDeepStrictEqual(asked(), nothing)) inRuns.add(stepOf(answer))
    positions.push(answer)
    return note(`${command.call} to ${answer.next === null ? 'its end' : answer.next.step}`)
  }
  const answer = StepAnswer.parse(JSON.parse(text))
  expect(answer.step).toMatchObject({ name: from.next?.step, iteration: from.next?.iteration })
  expectRun(answer.run)
  expectProgress(from.run, answer.run)
  if (response.headers.get('idempotency-replayed') === 'true') {
    ok(inRuns.has(same))
    deepEqual(asked(), nothing)
    inRuns.add(stepOf(answer))
    note('known from a run')
  } else expectSpent(from.run, answer)
  positions.push(answer)
  note(`${command.call} ${'edit' in body ? 'edited' : 'plain'}`)
}

test(
  'any sequence of calls over HTTP keeps the promises of a run',
  { timeout: long ? 3_600_000 : 60_000 },
  async () => {
    const seen = new Set<string>()
    const commands = fc.array(command, { minLength: 8, maxLength: 16 })
    await fc.assert(
      fc.asyncProperty(settings, commands, async (start, commands) => {
        const response = await house.post('/v1/tpo/start', start)
        const session: Session = {
          positions: [Position.parse(await response.json())],
          answers: new Map(),
          inRuns: new Set(),
          note: (what) => void seen.add(what),
        }
        for (const command of commands) {
          const { positions } = session
          const from = present(positions.at(-1 - (command.back % positions.length)))
          await play(session, command, from)
          if (command.again) await play(session, command, from)
        }
        expect(house.faults).toEqual([])
      }),
      { numRuns: long ? 600 : 40 },
    )
    const wanted = [
      'replayed',
      'refused run_finished',
      'refused invalid_request',
      'step plain',
      'step edited',
      'named plain',
      'stream edited',
      'run to its end',
      'until to score',
      'known from a run',
    ]
    expect(wanted.filter((what) => !seen.has(what))).toEqual([])
  },
)
