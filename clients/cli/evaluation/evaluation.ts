/** What a comparison came to, in numbers: what is printed, written as JSON, and drawn in the report. */
import type { Mode } from '../../../shared/tpo.ts'
import type { Interval } from './statistics.ts'

/**
 * One way to an answer:
 * `first_answer`: the run's first sample, as if nothing were done;
 * `first_best`: the best of its first samples, as best-of-N with N samples gives it;
 * `best_of_n`: best-of-N with as many samples as the whole run may draw;
 * `tpo`: the run's own best, in mode tpo or revision.
 */
export type ArmName = 'first_answer' | 'first_best' | 'best_of_n' | 'tpo'

/** What an arm answered to one question in one repetition, and what it took to get there. */
export interface ArmAnswer {
  readonly reward: number
  /** By the judge's reward model; null where there is none. */
  readonly judge: number | null
  /** Length of the answer. */
  readonly characters: number
  /** Prompt and completion tokens together. */
  readonly tokens: number
  readonly model_calls: number
  /** Inside steps; null for the first answer, which was not asked for alone. */
  readonly seconds: number | null
}

/** One iteration of a run. */
export interface IterationReached {
  readonly iteration: number
  /** Of its own answers. */
  readonly mean: number
  /** Of this and all earlier iterations. */
  readonly best: number
  /** Standard deviation of its answers. */
  readonly spread: number
  /** Mean length of its answers. */
  readonly characters: number
  /** The judge's reward of the best so far. */
  readonly judge: number | null
}

/** One question in one repetition. */
export interface Trial {
  readonly id: string
  /** The last message of what was asked. */
  readonly question: string
  readonly repetition: number
  readonly answers: Readonly<Partial<Record<ArmName, ArmAnswer>>>
  readonly iterations: readonly IterationReached[]
}

export interface ArmFigures {
  readonly name: ArmName
  /** Answers it draws for one question, at most. */
  readonly samples: number
  readonly reward: Interval
  readonly judge: Interval | null
  readonly characters: Interval
  /** Means for one question. */
  readonly tokens: number
  readonly model_calls: number
  readonly seconds: number | null
  /**
   * Standard deviation of the reward over repetitions of the same question, mean over questions:
   * the paper's stability, where less is better. Null without repetitions.
   */
  readonly spread: Interval | null
}

export interface IterationFigures {
  readonly iteration: number
  readonly mean: Interval
  readonly best: Interval
  readonly spread: Interval
  readonly characters: Interval
  readonly judge: Interval | null
  /** Questions whose best answer is of this iteration, as a share. */
  readonly best_here: number
}

/** The contender (the last arm) against another one, question by question. */
export interface Contest {
  readonly over: ArmName
  readonly by: 'reward' | 'judge'
  readonly won: number
  readonly tied: number
  readonly lost: number
  /** Share of trials won, a tie counted as half. */
  readonly win_rate: Interval
  /** Mean difference of the rewards. */
  readonly gain: Interval
}

/** One question, means over its repetitions. */
export interface QuestionFigures {
  readonly id: string
  readonly question: string
  readonly arms: Readonly<
    Partial<
      Record<
        ArmName,
        { reward: number; judge: number | null; characters: number; spread: number | null }
      >
    >
  >
}

/** An answer in full, for those questions where most was gained and most was lost. */
export interface Case {
  readonly id: string
  readonly question: string
  readonly answers: Readonly<
    Partial<Record<ArmName, { text: string; reward: number; judge: number | null }>>
  >
  /** What led to the contender's answer; null where it is one of the first. */
  readonly loss: string | null
  readonly gradient: string | null
  /** In reward, over best-of-N where that takes part, else over the first answer. */
  readonly gain: number
}

export interface Evaluation {
  readonly format: 'tpo-evaluation'
  readonly version: 1
  readonly made_at: string
  readonly settings: {
    readonly mode: Mode
    readonly samples: number
    readonly iterations: number
    readonly seed: number
    readonly temperature: number
    readonly max_tokens: number
  }
  readonly models: {
    readonly policy: string | null
    readonly reward: string | null
    readonly judge: string | null
  }
  readonly questions: number
  readonly repetitions: number
  /** Runs that are left out of all numbers. */
  readonly failed: readonly { readonly id: string; readonly detail: string }[]
  /** The contender last. */
  readonly arms: readonly ArmFigures[]
  readonly iterations: readonly IterationFigures[]
  readonly contests: readonly Contest[]
  readonly per_question: readonly QuestionFigures[]
  /** Of different questions, most gained first. */
  readonly best_cases: readonly Case[]
  /** Least gained, or most lost, first. */
  readonly worst_cases: readonly Case[]
}
