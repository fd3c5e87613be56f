import * as fc from 'fast-check'
import Papa from 'papaparse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { candidatesCsv } from '../../clients/common/export/csv.ts'
import { describeUnreadable, readRunJson, runJson } from '../../clients/common/export/json.ts'
import { englishReport, runMarkdown } from '../../clients/common/export/markdown.ts'
import { preferencePairs, preferencesJsonl } from '../../clients/common/export/preferences.ts'
import { resultLine, resultRow, resultsCsv } from '../../clients/common/export/results.ts'
import { formatReward } from '../../clients/common/format.ts'
import { RunRecord } from '../../clients/common/record.ts'
import { beginRecord, leavesOf, nodeOf, withNode } from '../../clients/common/tree.ts'
import { drive } from '../../shared/client.ts'
import { type Edit, StartRequest } from '../../shared/tpo.ts'
import { type House, openHouse, present } from '../api/house.ts'
import { runRecord } from './arbitrary-runs.ts'

let house: House
/** A run of the real API that was forked: the second branch swaps chosen and rejected and edits the loss. */
let forked: RunRecord
const now = new Date('2026-11-22T10:00:00Z')

beforeAll(async () => {
  house = await openHouse()
  const request = StartRequest.parse({
    messages: [
      { role: 'system', content: 'Answer briefly.' },
      { role: 'user', content: '你好，"CSV", 怎么样？\nSecond line' },
    ],
    samples: 3,
    iterations: 1,
  })
  forked = beginRecord(request, await house.client.start(request), now)
  await goOn('0')
  const scored = present(forked.nodes.find(({ step }) => step?.name === 'score'))
  await goOn(scored.id, [{ chosen: 'worst', rejected: 'best' }, { loss: 'Too stiff.' }])
}, 60_000)
afterAll(() => house.close())

/** Takes the steps after a position, with an edit before each of the first. */
async function goOn(id: string, edits: readonly Edit[] = []) {
  let parent = id
  let taken = 0
  const steps = drive(nodeOf(forked, id), (cursor) =>
    house.client.step(cursor, { edit: edits[taken] }),
  )
  for await (const { cursor, run, step, next } of steps) {
    const edit = edits[taken++]
    const edited = edit === undefined ? {} : { edit }
    const grown = withNode(forked, { parent, step, cursor, run, next, ...edited }, now)
    forked = grown.record
    parent = grown.node.id
  }
}

const tableOf = (csv: string) => {
  const { data, errors } = Papa.parse<Record<string, string>>(csv.slice(1).trimEnd(), {
    header: true,
  })
  expect(errors).toEqual([])
  return data
}

test('a run comes back from JSON as it was, with every branch', () => {
  expect(forked.nodes).toHaveLength(11)
  expect(leavesOf(forked)).toHaveLength(2)
  expect(readRunJson(runJson(forked)).record).toEqual(forked)
  fc.assert(
    fc.property(runRecord, (record) => {
      expect(readRunJson(runJson(record)).record).toEqual(record)
    }),
  )
})

test('what is no run is told in one line', () => {
  const reason = (text: string) => {
    const { unreadable } = readRunJson(text)
    return unreadable === null ? null : describeUnreadable(unreadable)
  }
  const damaged = (change: (record: RunRecord) => unknown) =>
    reason(JSON.stringify(change(structuredClone(forked))))
  expect(reason('{\n  "a": tru }')).toMatch(/^line 2, column 8: this is not valid JSON/)
  expect(reason('')).toMatch(/^line 1, column 1: /)
  expect(reason('[]')).toMatch(/not an exported run/)
  expect(reason('{"format": "tpo-run"}')).toMatch(/not an exported run/)
  expect(damaged((record) => ({ ...record, version: 2, nodes: {} }))).toMatch(/of version 2, newer/)
  expect(damaged((record) => ({ ...record, nodes: undefined }))).toMatch(/damaged at nodes: /)
  const moved = (place: number, fields: object) =>
    damaged(({ nodes, ...record }) => {
      const changed = nodes.map((node, at) => (at === place ? { ...node, ...fields } : node))
      return { ...record, nodes: changed }
    })
  expect(moved(3, { parent: '7' })).toMatch(/nodes\.3\.parent: there is no position 7 before it/)
  expect(moved(3, { id: '1' })).toMatch(/nodes\.3\.id: 1 is there twice/)
  expect(moved(3, { parent: null })).toMatch(/nodes\.3\.parent: /)
  expect(moved(3, { step: null })).toMatch(/nodes\.3\.step: /)
  expect(reason(`\uFEFF${runJson(forked)}`)).toBe(null)
})

test('the table has each candidate of all branches once, and what became of it', () => {
  const rows = tableOf(candidatesCsv(forked))
  expect(rows).toHaveLength(9)
  const [initial, first, swapped] = [0, 3, 6].map((from) => rows.slice(from, from + 3))
  // Best and worst of iteration 0 are each chosen on one branch and rejected on the other.
  const flags = present(initial).map(({ chosen, rejected }) => `${chosen} ${rejected}`)
  expect(flags.toSorted()).toEqual(['false false', 'true true', 'true true'])
  expect(present(first).map(({ node }) => node)).not.toEqual(
    present(swapped).map(({ node }) => node),
  )
  for (const leaf of leavesOf(forked)) {
    const { text, reward } = present(leaf.run.best ?? undefined)
    const row = rows.find((entry) => entry['text'] === text)
    expect(row).toMatchObject({ best: 'true', reward: String(reward), run: forked.id })
  }
})

test('no text in a table is a formula, and every text is in it', () => {
  fc.assert(
    fc.property(runRecord, (record) => {
      const known = new Set(
        record.nodes.flatMap(({ step }) => step?.candidates?.map(({ text }) => text) ?? []),
      )
      for (const [text = ''] of Papa.parse<string[]>(candidatesCsv(record).slice(1)).data.map(
        (row) => row.slice(-1),
      )) {
        expect(text).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
        expect(text === '' || text === 'text' || known.has(text) || known.has(text.slice(1))).toBe(
          true,
        )
      }
    }),
  )
})

test('the report reads from the question to the best answer, of one branch', () => {
  const [usual, swapped] = leavesOf(forked)
  const report = runMarkdown(forked, present(swapped), englishReport)
  const { best } = present(swapped).run
  expect(report).toContain('**system**\n\n> Answer briefly.')
  expect(report).toContain('> 你好，"CSV", 怎么样？\n> Second line')
  expect(report).toContain(`reward ${formatReward(present(best?.reward))}`)
  expect(report).toContain('### Textual loss (edited)')
  expect(report).toContain('> Too stiff.')
  expect(report.match(/^### Answer /gm)).toHaveLength(6)
  const other = runMarkdown(forked, present(usual), englishReport)
  expect(other).toContain('### Textual loss\n')
  expect(other).not.toContain('Too stiff.')
  const pair = (text: string) => /^chosen: Answer (\S+) · rejected: Answer (\S+)$/m.exec(text)
  expect(pair(report)?.slice(1)).toEqual(pair(other)?.slice(1).toReversed())
})

test('a text of a model cannot pass for the report', () => {
  fc.assert(
    fc.property(runRecord, (record) => {
      for (const leaf of leavesOf(record)) {
        const heads = runMarkdown(record, leaf, englishReport).match(/^#+ .*/gm) ?? []
        expect(heads).not.toContain('# head')
      }
    }),
  )
})

test('preference pairs are best and worst of each scored position, once each', () => {
  const pairs = preferencePairs(forked)
  const scored = forked.nodes.filter(({ step }) => step?.name === 'score')
  const expected = new Set(scored.map(({ run }) => `${run.best?.text}|${run.worst?.text}`))
  expect(
    pairs.map(({ chosen, rejected }) => `${chosen[0].content}|${rejected[0].content}`),
  ).toEqual([...expected])
  const lines = [...preferencesJsonl([forked])].map((line) => JSON.parse(line))
  expect(lines[0]).toMatchObject({
    prompt: forked.request.messages,
    chosen: [{ role: 'assistant' }],
    rejected: [{ role: 'assistant' }],
    run_id: forked.id,
  })
  fc.assert(
    fc.property(runRecord, (record) => {
      const all = preferencePairs(record)
      for (const { chosen, rejected, ...rewards } of all) {
        expect(chosen[0].content).not.toBe(rejected[0].content)
        expect(rewards.chosen_reward).toBeGreaterThan(rewards.rejected_reward)
      }
      const texts = all.map(({ chosen, rejected }) => JSON.stringify([chosen, rejected]))
      expect(new Set(texts).size).toBe(texts.length)
    }),
  )
})

test('a batch is told question by question, the failed ones too', () => {
  const failure = { title: 'The policy refused', detail: 'too long', code: 'policy_refused' }
  const question = { id: 'a', query: '=1+1' }
  const done = { question, record: forked, failure: null }
  const failed = { question: { id: 'b', query: 'Why?' }, record: null, failure }
  const line: unknown = JSON.parse(resultLine(done))
  const last = present(forked.nodes.at(-1))
  expect(line).toMatchObject({ id: 'a', status: 'done', query: '=1+1', best: last.run.best })
  expect(JSON.stringify(line)).not.toContain(last.cursor)
  expect(JSON.parse(resultLine(failed))).toMatchObject({
    id: 'b',
    status: 'failed',
    error: failure,
  })
  const rows = tableOf(resultsCsv([resultRow(done), resultRow(failed)]))
  expect(rows).toMatchObject([
    { id: 'a', question: "'=1+1", answer: last.run.best?.text, status: 'done' },
    { id: 'b', answer: '', error: 'The policy refused: too long' },
  ])
})
