/** Sequences of many callers in few forward passes. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QueueFullError } from '../../inference/runtime/queue.ts'
import { chooseBatch } from '../../inference/scoring/batch.ts'
import type { Classifier } from '../../inference/scoring/classifier.ts'
import { createPacking } from '../../inference/scoring/packing.ts'
import { createPaging } from '../../inference/scoring/paging.ts'
import { classifierAt, fixture, logitsOf } from './fixtures.ts'

const token = fc.integer({ min: 5, max: 8 })
/** Few different tokens, so that beginnings are often shared. */
const tree = fc.array(fc.array(token, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 12,
})
const sequence = (ids: readonly number[]) => ({
  ids: Int32Array.from(ids),
  reads: [ids.length - 1],
})

/** How many different beginnings there are: the tokens that must be computed. */
const beginnings = (rows: readonly (readonly number[])[]) =>
  new Set(rows.flatMap((ids) => ids.map((_, end) => ids.slice(0, end + 1).join(' ')))).size

describe('packing', () => {
  test('computes every beginning once and gives every sequence back', () => {
    fc.assert(
      fc.property(tree, (rows) => {
        const packing = createPacking()
        for (const ids of rows) packing.add(sequence(ids))
        const packed = packing.build()
        const { longest, lengths, sequenceTokens, tokenPlaces, reads } = packed
        expect(packed.ids).toHaveLength(beginnings(rows))
        expect([...lengths]).toEqual(rows.map((ids) => ids.length))
        for (const [row, ids] of rows.entries()) {
          const places = sequenceTokens.subarray(row * longest, row * longest + ids.length)
          expect([...places].map((place) => packed.ids[place])).toEqual(ids)
          expect(reads[row]).toBe(places.at(-1))
        }
        for (const [place, cell] of tokenPlaces.entries()) {
          expect(sequenceTokens[cell]).toBe(place)
          expect(cell % longest).toBeLessThan(lengths[Math.floor(cell / longest)] ?? 0)
        }
      }),
    )
  })
})

describe('paging', () => {
  const size = 3
  const pagesOf = (ids: readonly number[]) =>
    Array.from({ length: Math.floor((ids.length - 1) / size) }, (_, page) =>
      ids.slice(0, size * (page + 1)).join(' '),
    )

  test('computes whole pages of a beginning once, and every sequence can be read off its pages', () => {
    fc.assert(
      fc.property(tree, (rows) => {
        const paging = createPaging(size)
        const known = new Set<string>()
        for (const ids of rows) {
          const shared = size * pagesOf(ids).filter((page) => known.has(page)).length
          expect(paging.shared(Int32Array.from(ids))).toBe(shared)
          paging.add({ ids: Int32Array.from(ids), reads: [0, ids.length - 1] })
          for (const page of [...pagesOf(ids), ids.join(' ')]) {
            if (page.split(' ').length % size === 0) known.add(page)
          }
        }
        const { ids, lengths, past, ends, pages, pageTable, reads } = paging.build()
        expect([...lengths]).toEqual(rows.map((row) => row.length))
        // What the operator does: it writes own tokens to their pages, then reads whole sequences.
        const cache = new Int32Array(pages * size)
        const widest = pageTable.length / rows.length
        const cell = (row: number, position: number) =>
          size * (pageTable[row * widest + Math.floor(position / size)] ?? -1) + (position % size)
        for (const row of rows.keys()) {
          const own = ids.subarray(ends[row], ends[row + 1])
          expect(own.length).toBe((lengths[row] ?? 0) - (past[row] ?? 0))
          for (const [place, id] of own.entries()) cache[cell(row, (past[row] ?? 0) + place)] = id
        }
        for (const [row, wanted] of rows.entries()) {
          expect(wanted.map((_, position) => cache[cell(row, position)])).toEqual(wanted)
          expect([ids[reads[2 * row] ?? -1], ids[reads[2 * row + 1] ?? -1]]).toEqual([
            wanted[0],
            wanted.at(-1),
          ])
        }
      }),
    )
  })
})

describe('a batch', () => {
  const limits = { tokens: 24, sequences: 5, padded: true, createPacking }
  const waiting = (rows: readonly (readonly number[])[]) => rows.map(sequence)

  test('has the one that waits longest, and no more than a pass takes', () => {
    fc.assert(
      fc.property(tree, (rows) => {
        const all = waiting(rows)
        const { members, packed } = chooseBatch(all, limits)
        expect(members[0]).toBe(all[0])
        expect(new Set(members).size).toBe(members.length)
        expect(members.length).toBeLessThanOrEqual(limits.sequences)
        expect(packed.ids.length).toBeLessThanOrEqual(Math.max(24, rows[0]?.length ?? 0))
      }),
    )
  })

  test('prefers those of the same prompt, whoever asked between them', () => {
    const prompt = Array.from({ length: 12 }, () => 7)
    const [first, second] = [
      [...prompt, 5],
      [...prompt, 6],
    ]
    const other = Array.from({ length: 12 }, () => 8)
    const all = waiting([first, other, other, second])
    const { members } = chooseBatch(all, { ...limits, tokens: 20 })
    expect(members).toEqual([all[0], all[3]])
  })

  test('leaves a much longer one for later, which then goes even if it is too long', () => {
    const all = waiting([[5], Array.from({ length: 40 }, () => 6), [7]])
    const { members } = chooseBatch(all, limits)
    expect(members).toEqual([all[0], all[2]])
    expect(chooseBatch(all.slice(1, 2), limits).members).toEqual([all[1]])
  })
})

describe('scores', () => {
  let model: Classifier
  beforeAll(async () => {
    model = await classifierAt(fixture('tiny-reward-fp32'))
  })
  afterAll(() => model.close())

  test('have the same bits alone, in a batch and behind a shared prompt', async () => {
    const text = (max: number) =>
      fc.array(fc.integer({ min: 5, max: 300 }), { minLength: 1, maxLength: max })
    const group = fc.record({
      prompt: text(150),
      candidates: fc.array(text(150), { minLength: 1, maxLength: 6 }),
      others: fc.array(text(300), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(group, async ({ prompt, candidates, others }) => {
        const rows = [...candidates.map((candidate) => [...prompt, ...candidate]), ...others]
        const all = rows.map((row) => ({ ids: Int32Array.from(row), position: row.length - 1 }))
        const alone: Float32Array[] = []
        for (const one of all) alone.push(...(await logitsOf(model, [one])))
        expect(await logitsOf(model, all)).toEqual(alone)
      }),
      { numRuns: 25 },
    )
  })

  test('a caller who leaves is dropped, too many are refused, and the rest is served', async () => {
    const leaving = new AbortController()
    const row = (first: number) => ({
      ids: Int32Array.from({ length: 200 }, (_, place) => 5 + ((first + place) % 290)),
      reads: [199],
    })
    const never = new AbortController().signal
    const many = Array.from({ length: 1500 }, (_, index) => row(index))
    const left = model.score(many, leaving.signal)
    const refused = model.score([...many, ...many], never)
    const stays = model.score([row(3), row(4)], never)
    await expect(refused).rejects.toThrow(QueueFullError)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(model.waiting()).toBeLessThan(3)
    const { logits } = await stays
    expect(logits).toEqual(
      await logitsOf(
        model,
        [3, 4].map((first) => ({ ids: row(first).ids, position: 199 })),
      ),
    )
  })

  test('a sequence that cannot be computed fails alone', async () => {
    const never = new AbortController().signal
    const good = { ids: Int32Array.of(5, 6, 7), reads: [2] }
    const bad = { ids: Int32Array.of(5, 6, 1_000_000), reads: [2] }
    const busy = model.score(
      Array.from({ length: 40 }, () => good),
      never,
    )
    const failing = model.score([bad], never)
    const beside = model.score([good], never)
    await expect(failing).rejects.toThrow('could not compute this')
    const [alone] = (await busy).logits
    expect((await beside).logits).toEqual([alone])
    expect(model.state()).toBe('ready')
  })
})
