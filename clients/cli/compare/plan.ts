/** The runs a comparison needs: of every question and repetition the run itself, and best-of-N. */
import { requestOf, type WholeSettings } from '../../common/batch.ts'
import type { Question } from '../../common/questions.ts'
import { type Models, resultKey } from '../batch/key.ts'
import type { Item } from '../batch/work.ts'
import { samplesOf } from '../evaluation/arms.ts'

export interface PlannedTrial {
  readonly question: Question
  readonly repetition: number
  readonly run: Item
  readonly bestOfN: Item
}

/** Every repetition has a seed of its own: the run's, and those that follow it. */
export function planComparison(
  questions: readonly Question[],
  settings: WholeSettings,
  repetitions: number,
  models: Models,
): PlannedTrial[] {
  const bon: WholeSettings = { ...settings, mode: 'bon', samples: samplesOf(settings) }
  return questions.flatMap((question) =>
    Array.from({ length: repetitions }, (_, repetition) => {
      const item = (kind: WholeSettings, name: string): Item => {
        const seed = settings.seed + repetition
        const request = requestOf(question, { ...kind, seed })
        const again = repetition === 0 ? '' : `, repetition ${repetition + 1}`
        return {
          id: `${question.id} ${name}${again}`,
          key: resultKey(request, models),
          settings: request,
        }
      }
      return {
        question,
        repetition,
        run: item(settings, settings.mode),
        bestOfN: item(bon, `best of ${bon.samples}`),
      }
    }),
  )
}
