/** From the records of runs to what is compared. */
import { firstBest, totalTokens } from '../../common/iterations.ts'
import type { RunNode, RunRecord } from '../../common/record.ts'
import { mean } from '../../common/statistics.ts'
import { questionOf } from '../../common/summary.ts'
import { newestLeaf, scoredAnswers } from '../../common/tree.ts'
import type { ArmAnswer, ArmName, Case, IterationReached, Trial } from './evaluation.ts'

/** The finished runs that answer one question in one repetition. */
export interface TrialRuns {
  readonly id: string
  readonly repetition: number
  /** The run itself; of mode bon where only that was asked for. */
  readonly run: RunRecord
  /** Best-of-N beside it, with as many samples as the run may draw. */
  readonly bestOfN: RunRecord | null
}

/** The judge's reward of a text; null where there is no judge. */
export type JudgeOf = (text: string) => number | null

interface Chosen {
  readonly text: string
  readonly reward: number
  readonly tokens: number
  readonly model_calls: number
  readonly seconds: number | null
}

/** What every arm answered; an arm is left out where its run scored no answer. */
export function chosenBy({ run, bestOfN }: TrialRuns): Partial<Record<ArmName, Chosen>> {
  const bon = run.request.mode === 'bon' ? run : bestOfN
  return {
    ...arm('first_answer', firstAnswer(run)),
    ...arm('first_best', run.request.mode === 'bon' ? null : bestOfFirst(run)),
    ...arm('best_of_n', bon === null ? null : bestOf(bon)),
    ...arm('tpo', run.request.mode === 'bon' ? null : bestOf(run)),
  }
}

const arm = (name: ArmName, chosen: Chosen | null) => (chosen === null ? {} : { [name]: chosen })

/** All that a judge has to read of a trial, each text once. */
export function judgedTexts(runs: TrialRuns): string[] {
  const chosen = Object.values(chosenBy(runs)).map(({ text }) => text)
  return [...new Set([...chosen, ...bestSoFar(runs.run).map(({ text }) => text)])]
}

export function trialOf(runs: TrialRuns, judgeOf: JudgeOf): Trial {
  const { id, repetition, run } = runs
  const answers = Object.entries(chosenBy(runs)).map(([name, { text, ...chosen }]) => {
    const answer: ArmAnswer = { ...chosen, judge: judgeOf(text), characters: text.length }
    return [name, answer] as const
  })
  return {
    id,
    question: questionOf(run.request),
    repetition,
    answers: Object.fromEntries(answers),
    iterations: iterationsOf(run, judgeOf),
  }
}

/** A question's answers in full, with the critique and the advice behind the run's own. */
export function caseOf(runs: TrialRuns, gain: number, judgeOf: JudgeOf): Case {
  const answers = Object.entries(chosenBy(runs)).map(
    ([name, { text, reward }]) => [name, { text, reward, judge: judgeOf(text) }] as const,
  )
  const best = newestLeaf(runs.run).run.best
  const words = (name: 'loss' | 'gradient') =>
    runs.run.nodes.find(({ step }) => step?.name === name && step.iteration === best?.iteration)
      ?.step?.text ?? null
  return {
    id: runs.id,
    question: questionOf(runs.run.request),
    answers: Object.fromEntries(answers),
    loss: words('loss'),
    gradient: words('gradient'),
    gain,
  }
}

const spent = ({ run }: RunNode) => ({
  tokens: totalTokens(run),
  model_calls: run.usage.model_calls,
  seconds: run.usage.seconds,
})

function bestOf(record: RunRecord): Chosen | null {
  const leaf = newestLeaf(record)
  const { best } = leaf.run
  return best === null ? null : { text: best.text, reward: best.reward, ...spent(leaf) }
}

const firstScore = ({ nodes }: RunRecord) => nodes.find(({ step }) => step?.name === 'score')

function bestOfFirst(record: RunRecord): Chosen | null {
  const node = firstScore(record)
  const best = firstBest(node?.step == null ? [] : [node.step])
  if (node === undefined || best === null) return null
  return { text: best.text, reward: best.reward, ...spent(node) }
}

/** As if it had been asked for alone: the prompt once, and its own tokens. */
function firstAnswer(record: RunRecord): Chosen | null {
  const node = firstScore(record)
  const candidate = node?.step?.candidates?.find(({ reward }) => reward !== undefined)
  if (node === undefined || candidate?.reward === undefined) return null
  const { prompt_tokens, model_calls } = node.run.usage
  const tokens = Math.round(prompt_tokens / Math.max(1, model_calls)) + candidate.tokens
  const { text, reward } = candidate
  return { text, reward, tokens, model_calls: 1, seconds: null }
}

/** The best answer after each iteration. */
const bestSoFar = ({ nodes }: RunRecord) =>
  nodes.flatMap(({ step, run: { best } }) =>
    step?.name === 'score' && best !== null ? [best] : [],
  )

function iterationsOf(record: RunRecord, judgeOf: JudgeOf): IterationReached[] {
  const answers = scoredAnswers(record.nodes)
  const { history } = newestLeaf(record).run
  const best = bestSoFar(record)
  return history.flatMap(({ iteration, mean: average, std }, at) => {
    const reached = best[at]
    if (reached === undefined) return []
    const own = answers.filter((answer) => answer.iteration === iteration)
    return [
      {
        iteration,
        mean: average,
        best: reached.reward,
        spread: std,
        characters: mean(own.map(({ text }) => text.length)),
        judge: judgeOf(reached.text),
      },
    ]
  })
}
