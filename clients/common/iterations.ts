import type { IterationSummary, Ranked, Run, Step, StepAnswer } from '../../shared/client.ts'

/** One iteration as people see it, collected from its steps. */
export interface IterationReport {
  readonly iteration: number
  /** Null until its candidates are scored. */
  readonly summary: IterationSummary | null
  readonly loss: string | null
  readonly gradient: string | null
  /** Prompt and completion tokens together. */
  readonly tokens: number
  readonly seconds: number
}

/** Folds the answers of a run's steps, from its start, into its iterations. */
export function iterationReports(answers: readonly StepAnswer[]): IterationReport[] {
  const reports = new Map<number, IterationReport>()
  let tokensBefore = 0
  let secondsBefore = 0
  for (const { step, run } of answers) {
    const { iteration } = step
    const tokens = totalTokens(run)
    const report = reports.get(iteration)
    reports.set(iteration, {
      iteration,
      summary: run.history.find((entry) => entry.iteration === iteration) ?? null,
      loss: step.name === 'loss' ? (step.text ?? null) : (report?.loss ?? null),
      gradient: step.name === 'gradient' ? (step.text ?? null) : (report?.gradient ?? null),
      tokens: (report?.tokens ?? 0) + tokens - tokensBefore,
      seconds: (report?.seconds ?? 0) + run.usage.seconds - secondsBefore,
    })
    tokensBefore = tokens
    secondsBefore = run.usage.seconds
  }
  return [...reports.values()]
}

export const totalTokens = (run: Run): number =>
  run.usage.prompt_tokens + run.usage.completion_tokens

/** The best answer before any improvement: what best-of-N alone would have given. */
export function firstBest(steps: readonly Step[]): Ranked | null {
  let best: Ranked | null = null
  for (const { name, iteration, candidates = [] } of steps) {
    if (name !== 'score' || iteration !== 0) continue
    for (const { text, reward, index } of candidates) {
      if (reward !== undefined && (best === null || reward > best.reward)) {
        best = { text, reward, iteration, index }
      }
    }
  }
  return best
}

/** How many steps a run takes in all: sample and score, then four for each improvement. */
export const stepCount = ({ mode, iterations }: Pick<Run, 'mode' | 'iterations'>): number =>
  mode === 'bon' ? 2 : 2 + 4 * iterations
