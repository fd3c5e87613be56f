/** Reading what a reward model read. */
import type { RewardDetail } from '../../../../shared/client.ts'

export interface ReadPiece {
  readonly text: string
  readonly kind: 'text' | 'special' | 'pooled'
}

/** How chat templates write their special tokens: <|…|>, <s>, [INST], <start_of_turn>, <｜…｜>. */
const special =
  /<[|｜][^<>\n]{1,64}[|｜]>|<\/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn)>|\[\/?INST\]/gi

/** The text in pieces; the pooled token is marked where it is sure to be the last of its kind. */
export function readPieces(rendered: string, { tokens, pooled_token }: RewardDetail): ReadPiece[] {
  const last = pooled_token !== undefined && pooled_token.position === tokens - 1
  const at = last && pooled_token.text !== '' ? rendered.lastIndexOf(pooled_token.text) : -1
  const pieces = (text: string): ReadPiece[] => {
    const found: ReadPiece[] = []
    let end = 0
    for (const match of text.matchAll(special)) {
      found.push({ text: text.slice(end, match.index), kind: 'text' })
      found.push({ text: match[0], kind: 'special' })
      end = match.index + match[0].length
    }
    return [...found, { text: text.slice(end), kind: 'text' }]
  }
  const all: ReadPiece[] =
    at === -1 || pooled_token === undefined
      ? pieces(rendered)
      : [
          ...pieces(rendered.slice(0, at)),
          { text: pooled_token.text, kind: 'pooled' },
          ...pieces(rendered.slice(at + pooled_token.text.length)),
        ]
  return all.filter(({ text }) => text !== '')
}

/** From 1; equal rewards share the better rank. */
export const rankOf = (reward: number, rewards: readonly number[]): number =>
  1 + rewards.filter((other) => other > reward).length
