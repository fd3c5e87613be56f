/** A few short answers, drawn and scored as those of any run. */
import {
  type Problem,
  ProblemError,
  type StepAnswer,
  type StreamEvent,
  type TpoClient,
  type Warning,
} from '../../../shared/client.ts'

/** Answers of one draw. */
const samples = 2
/** Of one answer. */
export const maxTokens = 32

/** What a trial costs at most, for people. */
export const price = `six answers of ${maxTokens} tokens`

/** Answers to this begin in many ways, also those of the bundled policy. */
const query = 'Write an invitation to a party with a theme that you make up.'

/** What came of one draw. */
export interface Drawn {
  /** What the policy wrote, thinking included; empty where an answer did not come. */
  texts: string[]
  answer?: StepAnswer
  /** Why there is no answer. */
  problem?: Problem
}

/** What came of it all; a draw that could tell nothing more was not made. */
export interface Trial {
  first: Drawn
  /** With the same seed. */
  same?: Drawn
  /** With another seed. */
  other?: Drawn
  /** Whether the reward model scored the first answers, or why not. */
  scored?: true | Problem
}

/** A model that thinks first, for all to see or not, and spent all its tokens on that. */
export const onlyThought = ({ problem }: Drawn): boolean => problem?.code === 'policy_empty'

export const warned = ({ answer }: Drawn, code: Warning['code']): Warning | undefined =>
  answer?.step.warnings?.find((warning) => warning.code === code)

/** Whether all that was asked for came, so that it can be compared. */
export function isWhole(drawn: Drawn): boolean {
  const { texts, problem } = drawn
  const ended = problem === undefined || onlyThought(drawn)
  return ended && !warned(drawn, 'answers_missing') && texts.every((text) => text !== '')
}

export const sameTexts = (one: Drawn, two: Drawn): boolean =>
  one.texts.every((text, at) => text === two.texts[at])

/**
 * Draws answers of new runs, whose cursors nobody has sent before, so that none is replayed; one
 * after the other, so that none shares a batch with another.
 */
export async function tryOut(client: TpoClient, scores: boolean): Promise<Trial> {
  const first = await draw(client, 1)
  const scored =
    scores && first.answer !== undefined ? await score(client, first.answer) : undefined
  if (!isWhole(first) || warned(first, 'seed_refused')) return { first, scored }
  const same = await draw(client, 1)
  if (!isWhole(same) || !sameTexts(first, same)) return { first, same, scored }
  return { first, same, other: await draw(client, 2), scored }
}

async function draw(client: TpoClient, seed: number): Promise<Drawn> {
  const texts = Array.from({ length: samples }, () => '')
  // A model that thinks first may get to no answer, and what it thought is in the stream only.
  const onEvent = (event: StreamEvent) => {
    if (event.type === 'delta') texts[event.index] = `${texts[event.index] ?? ''}${event.text}`
  }
  try {
    const policy = { max_tokens: maxTokens }
    const { cursor } = await client.start({ query, mode: 'bon', samples, seed, policy })
    return { texts, answer: await client.step(cursor, { onEvent }) }
  } catch (error) {
    return { texts, problem: problemOf(error) }
  }
}

async function score(client: TpoClient, { cursor }: StepAnswer): Promise<true | Problem> {
  try {
    await client.step(cursor)
    return true
  } catch (error) {
    return problemOf(error)
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  throw error
}
