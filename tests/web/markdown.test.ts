import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Blocks, blocksOf, noBlocks } from '../../clients/web/markdown/blocks.ts'

const piece = fc.constantFrom(
  'word',
  ' ',
  '\n',
  '\n\n',
  '**',
  '*',
  '`',
  '```\n',
  '# ',
  '- ',
  '  - ',
  '1. ',
  '> ',
  '| a | b |\n| - | - |\n',
  '| c | d |\n',
  '<div>',
  '</div>',
  '---\n',
  '===\n',
  '[x](https://a.b)',
  '~~~\n',
  '    ',
  '\r\n',
)
const pieces = fc.array(piece, { maxLength: 40 })
const whole = (text: string) => blocksOf(text).blocks.map(({ raw, token }) => ({ raw, token }))

describe('blocks of Markdown', () => {
  test('a text read as it grows comes to what it is read to at once', () => {
    fc.assert(
      fc.property(pieces, (written) => {
        let grown: Blocks = noBlocks
        let text = ''
        for (const part of written) {
          text += part
          grown = blocksOf(text, grown)
        }
        expect(grown.blocks.map(({ raw, token }) => ({ raw, token }))).toEqual(whole(text))
      }),
    )
  })

  test('together they are the text, and what is settled is not read again', () => {
    const text = '# One\n\nTwo two.\n\n- three\n- four\n\nFive'
    const before = blocksOf(text)
    expect(before.blocks.map(({ raw }) => raw).join('')).toBe(text)
    const after = blocksOf(`${text} and more.\n\nSix`, before)
    const same = after.blocks.filter((block) => before.blocks.includes(block))
    expect(same.map(({ token }) => token?.type)).toEqual([
      'heading',
      'space',
      'paragraph',
      'space',
      'list',
      'space',
    ])
    // A text that was trimmed at its end keeps what it has.
    expect(blocksOf(text.slice(0, -2), before).blocks[0]).toBe(before.blocks[0])
  })

  test.each([
    ['emphasis without end', 'a_'.repeat(50_000)],
    ['quotes in quotes', '>'.repeat(10_000)],
    ['lists in lists', '1. '.repeat(10_000)],
    ['a very long text', 'word '.repeat(100_000)],
  ])('%s is left as it was written', (_, text) => {
    expect(blocksOf(text).blocks.map(({ token }) => token)).toEqual([null])
  })

  test('long code is code, however many signs it has', () => {
    const { blocks } = blocksOf(`\`\`\`py\n${'a_b[c] = *d\n'.repeat(2000)}\`\`\`\n\nDone.`)
    expect(blocks.map(({ token }) => token?.type)).toEqual(['code', 'space', 'paragraph'])
  })
})
