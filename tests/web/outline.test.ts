import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { outline } from '../../clients/common/outline.ts'
import type { RunNode, RunRecord } from '../../clients/common/record.ts'
import { childrenOf, forkOf, nodeOf, pathTo } from '../../clients/common/tree.ts'
import { treeMove } from '../../clients/web/view/steer/tree-keys.ts'
import { StartRequest } from '../../shared/tpo.ts'
import { present } from '../api/house.ts'

const usage = {
  prompt_tokens: 0,
  completion_tokens: 0,
  model_calls: 0,
  reward_calls: 0,
  seconds: 0,
}
const run: RunNode['run'] = {
  id: 'run',
  mode: 'tpo',
  samples: 1,
  iterations: 1,
  iteration: 0,
  best: null,
  worst: null,
  history: [],
  usage,
  stop_reason: null,
}
const at = '2026-11-22T00:00:00.000Z'

/** A record by the parent of each position but the first. */
const record = (parents: readonly number[]): RunRecord => ({
  format: 'tpo-run',
  version: 1,
  id: 'run',
  created_at: at,
  request: StartRequest.parse({ query: 'Why?' }),
  nodes: [null, ...parents].map((parent, id) => ({
    id: String(id),
    parent: parent === null ? null : String(parent),
    step: null,
    run,
    next: null,
    cursor: '',
    at,
  })),
})

/** Each position follows one that is there already. */
const anyRecord = fc
  .array(fc.nat(), { maxLength: 40 })
  .map((numbers) => record(numbers.map((number, place) => number % (place + 1))))

const none: ReadonlySet<string> = new Set()
const ids = (rows: readonly { node: RunNode }[]) => rows.map(({ node }) => node.id).join(' ')

test('a stretch without forks is not indented; each branch of a fork is, once', () => {
  // 0 1 2 3, and from 1 also 4 5, and from 4 also 6.
  const rows = outline(record([0, 1, 2, 1, 4, 4]), none)
  expect(rows.map(({ node, level }) => `${node.id}:${level}`).join(' ')).toBe(
    '0:1 1:1 2:2 3:2 4:2 5:3 6:3',
  )
  expect(rows.map(({ branch }) => branch?.number ?? '-').join(' ')).toBe('- - 1 - 2 1 2')
  expect(rows.map(({ place, of }) => `${place}/${of}`).join(' ')).toBe(
    '1/2 2/2 1/3 2/3 3/3 1/2 2/2',
  )
  expect(ids(outline(record([0, 1, 2, 1, 4, 4]), new Set(['1'])))).toBe('0 1')
})

test('every position has one row, after the one that it follows', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const rows = outline(record, none)
      const place = new Map(rows.map(({ node }, at) => [node.id, at]))
      expect(place.size).toBe(record.nodes.length)
      expect(rows).toHaveLength(record.nodes.length)
      for (const { node, level, fork } of rows) {
        const forks = pathTo(record, node)
          .slice(0, -1)
          .filter(({ id }) => childrenOf(record, id).length > 1)
        expect(level).toBe(forks.length + 1)
        expect(fork).toBe(forks.at(-1)?.id ?? null)
        const followed = place.get(node.parent ?? '') ?? -1
        expect(followed).toBeLessThan(present(place.get(node.id)))
      }
    }),
  )
})

test('two positions part after the last that they have in common', () => {
  const tree = record([0, 1, 2, 1, 4, 4])
  const fork = (one: string, other: string) =>
    forkOf(tree, nodeOf(tree, one), nodeOf(tree, other)).id
  expect([fork('3', '5'), fork('5', '6'), fork('1', '3'), fork('2', '2')]).toEqual([
    '1',
    '4',
    '1',
    '2',
  ])
})

test('keys lead to parent, child and siblings, arrows along what is shown', () => {
  const tree = record([0, 1, 2, 1, 4, 4])
  const press = (key: string, at: string, folded = none) =>
    treeMove(key, tree, outline(tree, folded), at, folded)
  expect(press('h', '4')).toEqual({ to: '1' })
  expect(press('h', '0')).toBeNull()
  expect(press('l', '1')).toEqual({ to: '2' })
  expect(press('l', '3')).toBeNull()
  expect([press('j', '2'), press('j', '4'), press('k', '4')]).toEqual([
    { to: '4' },
    { to: '2' },
    { to: '2' },
  ])
  expect(press('j', '3')).toBeNull()
  expect([press('ArrowDown', '3'), press('ArrowUp', '4')]).toEqual([{ to: '4' }, { to: '3' }])
  expect([press('ArrowUp', '0'), press('ArrowDown', '6')]).toEqual([null, null])
  expect([press('Home', '5'), press('End', '5')]).toEqual([{ to: '0' }, { to: '6' }])
  expect(press('ArrowRight', '1')).toEqual({ to: '2' })
  expect(press('ArrowRight', '2')).toBeNull()
  expect(press('ArrowLeft', '3')).toEqual({ to: '1' })
  expect(press('ArrowLeft', '1')).toEqual({ fold: '1', folded: true })
  const folded = new Set(['1'])
  expect(press('ArrowRight', '1', folded)).toEqual({ fold: '1', folded: false })
  expect(press('ArrowLeft', '1', folded)).toBeNull()
  expect(press('ArrowDown', '1', folded)).toBeNull()
  expect(press('x', '1')).toBeNull()
})
