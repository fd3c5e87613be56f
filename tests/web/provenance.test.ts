import { expect, test } from 'vitest'
import { readPieces } from '../../clients/web/view/steer/reading.ts'
import { withProvenance } from '../../clients/web/state/provenance.ts'

const served = { speaks: 'tpo' }

test('a run asks what the reward model reads, where its server can tell', () => {
  const request = { query: 'Why?', reward: { truncate: true } }
  expect(withProvenance(request, served)).toEqual({
    query: 'Why?',
    reward: { truncate: true, explain: true },
  })
  const explained = { query: 'Why?', reward: { explain: true } }
  expect(withProvenance(explained, { speaks: 'vllm' }).reward?.explain).toBe(false)
  expect(withProvenance(request, null)).toEqual(request)
})

test('it does not where the question, once for each answer, would be megabytes', () => {
  const query = 'x'.repeat(100_000)
  expect(withProvenance({ query, samples: 2, iterations: 4 }, served).reward?.explain).toBe(true)
  expect(withProvenance({ query, samples: 3, iterations: 4 }, served).reward?.explain).toBe(false)
})

test('special tokens and the pooled one are told from text', () => {
  const rendered = '<|bos|><|user|>a < b |> c<|end|>Yes<|end|>'
  const pooled_token = { id: 2, text: '<|end|>', position: 8 }
  const read = (tokens: number) =>
    readPieces(rendered, { tokens, truncated: false, rendered, pooled_token }).map(
      ({ text, kind }) => `${kind} ${text}`,
    )
  expect(read(9)).toEqual([
    'special <|bos|>',
    'special <|user|>',
    'text a < b |> c',
    'special <|end|>',
    'text Yes',
    'pooled <|end|>',
  ])
  // Not the last token: which of them it is, its text does not tell.
  expect(read(20).at(-1)).toBe('special <|end|>')
  const other = '<s>[INST] Hi [/INST]<start_of_turn>model\n<｜Assistant｜></s>'
  const special = readPieces(other, { tokens: 1, truncated: false })
  expect(special.filter(({ kind }) => kind === 'special').map(({ text }) => text)).toEqual([
    '<s>',
    '[INST]',
    '[/INST]',
    '<start_of_turn>',
    '<｜Assistant｜>',
    '</s>',
  ])
})
