import { effect } from '@preact/signals'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { newestLeaf, pathTo } from '../../clients/common/tree.ts'
import { createRunStore, type RunStore, type Status } from '../../clients/web/state/runs.ts'
import type { Edit, StepName } from '../../shared/client.ts'
import { type House, openHouse, present } from '../api/house.ts'

// A browser's; here there is nothing to draw.
const draws = (draw: FrameRequestCallback) => Number(setTimeout(() => draw(performance.now())))

const question = { query: 'Thank Ana for the flowers', samples: 3, iterations: 1 }

let house: House
let store: RunStore

beforeAll(async () => {
  vi.stubGlobal('requestAnimationFrame', draws)
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => clearTimeout(frame))
  house = await openHouse()
})
afterAll(() => {
  vi.unstubAllGlobals()
  return house.close()
})
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
  store = createRunStore({ client: () => house.client })
})

/** Resolves when it holds. */
const comes = (wanted: () => boolean) =>
  new Promise<void>((resolve) => {
    effect(() => {
      if (wanted()) resolve()
    })
  })
const turns = (wanted: Status) => comes(() => store.status.value === wanted)

async function finished(): Promise<void> {
  store.start(question)
  await turns('done')
}

const nodes = () => present(store.record.value ?? undefined).nodes
/** The first position that a step came to. */
const after = (step: StepName) => present(nodes().find((node) => node.step?.name === step))
const steps = () => store.path.value.map(({ step }) => step?.name ?? 'start')

test('an edit makes a sibling and leaves every position as it was', async () => {
  await finished()
  const before = structuredClone(nodes())
  const fork = after('loss')
  store.go(fork, { edit: { loss: 'Too stiff for a friend.' } })
  await turns('done')
  expect(nodes().slice(0, before.length)).toEqual(before)
  expect(nodes()).toHaveLength(before.length + 3)
  expect(steps()).toEqual(['start', 'sample', 'score', 'loss', 'gradient', 'update', 'score'])
  expect(store.path.value[4]).toMatchObject({
    parent: fork.id,
    edit: { loss: 'Too stiff for a friend.' },
  })
  expect(store.rounds.value[1]?.loss.value).toBe('Too stiff for a friend.')
})

test('what was done before is shown, not asked for again', async () => {
  await finished()
  const edit: Edit = { sampling: { seed: 5 } }
  store.go(after('gradient'), { edit })
  await turns('done')
  const known = nodes().length
  house.policy.behave({})

  store.go(after('gradient'), { edit: { sampling: { seed: 5 } } })
  expect(store.shown.value?.id).toBe(newestLeaf(present(store.record.value ?? undefined)).id)
  store.go(after('sample'), { steps: 'one' })
  expect(store.shown.value?.id).toBe(after('score').id)
  store.go(after('sample'))
  expect(store.status.value).toBe('done')
  expect(store.path.value).toContain(nodes()[6])
  expect(nodes()).toHaveLength(known)
  expect(house.policy.requests).toEqual([])
})

test('a branch that was left in the middle is taken up where it ended', async () => {
  await finished()
  store.go(after('loss'), { edit: { loss: 'Say who it is from.' }, steps: 'one' })
  await turns('open')
  house.policy.behave({})
  store.go(after('loss'), { edit: { loss: 'Say who it is from.' } })
  await turns('done')
  expect(nodes()).toHaveLength(7 + 3)
  // The rewriting alone: the advice was there.
  expect(house.policy.requests).toHaveLength(1)
})

test('one step is one step', async () => {
  await finished()
  store.go(after('sample'), { edit: { add: ['Thank you, Ana!'] }, steps: 'one' })
  await turns('running')
  await comes(() => store.working.value === null)
  expect(steps()).toEqual(['start', 'sample', 'score'])
  expect(store.status.value).toBe('open')
  const candidates = store.shown.value?.step?.candidates ?? []
  expect(candidates.map(({ index, finish_reason }) => `${index} ${finish_reason}`)).toEqual([
    '0 stop',
    '1 stop',
    '2 stop',
    '3 edit',
  ])
})

test('a step goes on while another position is in view', async () => {
  await finished()
  const held = Promise.withResolvers<void>()
  house.policy.behave({ held: held.promise })
  store.go(after('gradient'), { edit: { sampling: { seed: 9 } } })
  await house.policy.asked()
  expect(store.status.value).toBe('running')
  const fork = after('gradient').id
  store.show('1')
  expect(store.status.value).toBe('open')
  expect(store.working.value).toBe(fork)
  expect(steps()).toEqual(['start', 'sample'])
  held.resolve()
  await comes(() => store.working.value === null)
  expect(store.shown.value?.id).toBe('1')
  const leaf = newestLeaf(present(store.record.value ?? undefined))
  expect(leaf.next).toBeNull()
  expect(pathTo(present(store.record.value ?? undefined), leaf).map(({ id }) => id)).toContain(fork)
})

test('an edit that is refused changes nothing in view, and names its field', async () => {
  await finished()
  const fork = after('sample')
  store.show(fork.id)
  store.go(fork, { edit: { drop: [0, 1, 2] } })
  await turns('failed')
  expect(store.failure.value).toMatchObject({ kind: 'problem', path: '$.edit.drop' })
  expect(store.stopped.value).toEqual({ id: fork.id, failed: true })
  expect(store.rounds.value[0]?.lanes.value).toHaveLength(3)
  expect(nodes()).toHaveLength(7)
  store.show('6')
  expect(store.status.value).toBe('done')
})

test('a step that is cancelled is marked where it began, and taken again from there', async () => {
  await finished()
  house.policy.behave({ midStream: 'hang' })
  store.go(after('gradient'), { edit: { gradient: 'Be brief.' } })
  await house.policy.asked()
  store.cancel()
  await house.policy.abandoned()
  expect(store.status.value).toBe('cancelled')
  expect(store.stopped.value).toEqual({ id: after('gradient').id, failed: false })
  house.policy.behave({})
  store.resume()
  await turns('done')
  expect(store.path.value.at(-2)?.edit).toEqual({ gradient: 'Be brief.' })
})
