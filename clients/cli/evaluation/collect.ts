/** Gathers an evaluation run by run: of texts it keeps those of the best and the worst cases alone. */
import type { Mode } from '../../../shared/tpo.ts'
import type { Arms } from './arms.ts'
import { figuresOf } from './evaluate.ts'
import type { ArmName, Case, Evaluation, Trial } from './evaluation.ts'
import { caseOf, type JudgeOf, type TrialRuns, trialOf } from './trial.ts'

type About = Pick<Evaluation, 'models' | 'questions' | 'repetitions' | 'failed'> & {
  readonly settings: {
    readonly mode: Mode
    readonly samples: number
    readonly iterations: number
    readonly seed: number
    readonly policy: { readonly temperature: number; readonly max_tokens: number }
  }
}

export interface Collected {
  add: (runs: TrialRuns, judgeOf: JudgeOf) => void
  evaluation: (about: About, now: Date) => Evaluation
}

const shownCases = 5

export function collect(arms: Arms): Collected {
  const trials: Trial[] = []
  const contender = [...arms.keys()].at(-1) ?? 'tpo'
  const other: ArmName = arms.has('best_of_n') && contender === 'tpo' ? 'best_of_n' : 'first_answer'
  const gainOf = ({ answers }: Trial) =>
    (answers[contender]?.reward ?? 0) - (answers[other]?.reward ?? 0)
  let best: Case[] = []
  let worst: Case[] = []
  return {
    add(runs, judgeOf) {
      const trial = trialOf(runs, judgeOf)
      trials.push(trial)
      const kept = caseOf(runs, gainOf(trial), judgeOf)
      best = extremes([...best, kept], (a, b) => b.gain - a.gain)
      worst = extremes([...worst, kept], (a, b) => a.gain - b.gain)
    },
    evaluation({ settings, ...about }, now) {
      const { mode, samples, iterations, seed, policy } = settings
      const { temperature, max_tokens } = policy
      const answered = new Set(trials.map(({ id }) => id)).size
      return {
        format: 'tpo-evaluation',
        version: 1,
        made_at: now.toISOString(),
        settings: { mode, samples, iterations, seed, temperature, max_tokens },
        ...about,
        ...figuresOf(trials, arms),
        // No case is among the best and among the worst.
        best_cases: best.slice(0, Math.ceil(answered / 2)),
        worst_cases: worst.slice(0, Math.floor(answered / 2)),
      }
    },
  }
}

/** The first few by an order, one of each question. */
function extremes(cases: readonly Case[], order: (a: Case, b: Case) => number): Case[] {
  const sorted = cases.toSorted(order)
  const first = new Map(sorted.toReversed().map((entry) => [entry.id, entry]))
  return sorted.filter((entry) => first.get(entry.id) === entry).slice(0, shownCases)
}
