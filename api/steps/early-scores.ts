/** Scores the answers of a run as they finish, while others are still drawn. */
import type { Candidate } from '../../shared/tpo.ts'
import { judged } from '../algorithm/prompts.ts'
import type { State } from '../algorithm/state.ts'
import type { Reward, Rewarded } from '../reward/reward.ts'
import type { Progress } from './deps.ts'

/** What stands between a step that draws and the one that scores. */
export interface EarlyScores {
  /** Passes on what both steps tell, each score once, and scores what it hears is finished. */
  progress: Progress
  /** For the step that scores: only what is not scored yet is asked for. */
  reward: Reward
}

interface Finished {
  iteration: number
  candidate: Candidate
}

/**
 * One request at a time goes out while answers are drawn; what finishes meanwhile waits for the
 * next, so a slow reward model gets fewer and larger ones. The step that scores asks at once for
 * all that is left. After an early request that failed, that is all the others too: its failure
 * alone is the run's.
 */
export function scoreEarly(
  state: State,
  reward: Reward,
  tell: Progress,
  signal: AbortSignal,
): EarlyScores {
  const asked = { ...state.reward, messages: judged(state) }
  /** By text: the same answer to the same question has the same reward. */
  const rewards = new Map<string, Rewarded>()
  const told = new Map<number, number>()
  let waiting: Finished[] = []
  let underWay: { texts: ReadonlySet<string>; over: Promise<void> } | undefined
  let failed = false

  async function ask(texts: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    if (texts.size === 0) return
    const candidates = [...texts]
    const scored = await reward.score({ ...asked, candidates }, signal)
    scored.forEach((one, place) => rewards.set(candidates[place] ?? '', one))
  }

  function askEarly(): void {
    if (waiting.length === 0 || failed) return
    const batch = waiting
    waiting = []
    const finished = batch.map(({ candidate }) => candidate.text)
    const texts = new Set(finished.filter((text) => !rewards.has(text)))
    underWay = { texts, over: scoreBatch(batch, texts) }
  }

  async function scoreBatch(batch: readonly Finished[], texts: ReadonlySet<string>): Promise<void> {
    try {
      await ask(texts, signal)
    } catch {
      failed = true
    }
    for (const { iteration, candidate } of batch) {
      const known = rewards.get(candidate.text)
      if (known === undefined) continue
      tell({ type: 'score', iteration, index: candidate.index, reward: known.reward })
      told.set(candidate.index, known.reward)
    }
    underWay = undefined
    askEarly()
  }

  return {
    progress(event) {
      if (event.type === 'score' && told.get(event.index) === event.reward) return
      tell(event)
      if (event.type !== 'candidate' || event.candidate.text === '') return
      waiting.push(event)
      if (underWay === undefined) askEarly()
    },
    reward: {
      ...reward,
      async score({ candidates }, signal) {
        waiting = []
        const unknown = () => new Set(candidates.filter((text) => !rewards.has(text)))
        const rest = [...unknown()].filter((text) => underWay?.texts.has(text) !== true)
        await Promise.all([ask(new Set(rest), signal), underWay?.over])
        await ask(unknown(), signal)
        return candidates.flatMap((text) => rewards.get(text) ?? [])
      },
    },
  }
}
