import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerpt, wrapped } from '../../clients/cli/text.ts'

test('a short text stays whole, a long one ends at a word', () => {
  expect(excerpt('one  two\nthree', 20, 2)).toEqual(['one two three'])
  expect(excerpt('one two three four five six', 9, 2)).toEqual(['one two', 'three …'])
  expect(excerpt('', 20, 2)).toEqual([''])
})

test('wide characters count twice', () => {
  expect(excerpt('提前写明时间和地点', 10, 2)).toEqual(['提前写明时', '间和地点'])
})

test('a name that is wider than a line is broken between its parts where it can be', () => {
  expect(wrapped('meta-llama/Llama-3.3-70B-Instruct', 20)).toEqual([
    'meta-llama/Llama-',
    '3.3-70B-Instruct',
  ])
  expect(wrapped('a/extraordinarily', 10)).toEqual(['a/extraord', 'inarily'])
})

test('no line is wider than asked', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 4, max: 40 }), (text, width) => {
      const lines = excerpt(text, width, 2)
      expect(lines.length).toBeLessThanOrEqual(2)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
    }),
  )
})
