import { useEffect, useState } from 'preact/hooks'
import { type DiffPart, wordDiff } from '../../diff/diff.ts'
import { words } from '../../words/index.ts'

export interface WordDiffProps {
  before: string
  after: string
}

/**
 * Two texts as one, with the words that were taken out and put in marked. Until they are compared,
 * which happens beside the page, it shows `after`; two texts too different are shown one after
 * the other. It brings no frame of its own and takes the font of where it stands.
 */
export function WordDiff({ before, after }: WordDiffProps) {
  const [compared, setCompared] = useState<readonly DiffPart[] | null | undefined>(undefined)
  useEffect(() => {
    let shown = true
    setCompared(undefined)
    const compare = async () => {
      const parts = await wordDiff(before, after)
      if (shown) setCompared(parts)
    }
    void compare()
    return () => {
      shown = false
    }
  }, [before, after])
  const text = words.value.diff
  const parts = compared ?? (compared === null ? apart(before, after) : asIs(after))
  return (
    <div class="diff" aria-busy={compared === undefined}>
      {compared === null && <p class="hint">{text.tooDifferent}</p>}
      {before === after && <p class="hint">{text.same}</p>}
      <div class="diff-text" dir="auto">
        {parts.map(({ text: piece, kind }) => {
          if (kind === 'same') return piece
          const Change = kind === 'added' ? 'ins' : 'del'
          return <Change data-says={text[kind]}>{piece}</Change>
        })}
      </div>
    </div>
  )
}

const asIs = (text: string): DiffPart[] => [{ text, kind: 'same' }]

const apart = (before: string, after: string): DiffPart[] => [
  { text: `${before}\n\n`, kind: 'removed' },
  { text: after, kind: 'added' },
]
