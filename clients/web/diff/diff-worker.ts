/** Compares two texts word by word, beside the page: two long, unrelated ones take seconds. */
import { diffWords } from 'diff'
import type { DiffAnswer, DiffPart, DiffRequest } from './diff.ts'

const timeoutMs = 1500

/** Finds the words of texts without spaces, such as Chinese. */
const segmenter =
  'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'word' }) : undefined

addEventListener('message', ({ data }: MessageEvent<DiffRequest>) => {
  const { id, before, after } = data
  const changes = diffWords(before, after, {
    timeout: timeoutMs,
    ...(segmenter !== undefined && { intlSegmenter: segmenter }),
  })
  const parts =
    changes?.map(({ value, added, removed }): DiffPart => ({
      text: value,
      kind: added ? 'added' : removed ? 'removed' : 'same',
    })) ?? null
  const answer: DiffAnswer = { id, parts }
  postMessage(answer)
})
