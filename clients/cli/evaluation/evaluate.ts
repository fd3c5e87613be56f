/** From what was answered to what it comes to: pure functions over trials. */
import type { Arms } from './arms.ts'
import type {
  ArmAnswer,
  ArmFigures,
  ArmName,
  Contest,
  IterationFigures,
  QuestionFigures,
  Trial,
} from './evaluation.ts'
import { mean } from '../../common/statistics.ts'
import { deviation, type Interval, meanInterval, shareInterval } from './statistics.ts'

export interface Figures {
  readonly arms: readonly ArmFigures[]
  readonly iterations: readonly IterationFigures[]
  readonly contests: readonly Contest[]
  readonly per_question: readonly QuestionFigures[]
}

/**
 * Every number of an evaluation. Questions are what is drawn at random: repetitions of one are
 * averaged before anything is told of how sure a number is. Throws where an arm lacks an answer.
 */
export function figuresOf(trials: readonly Trial[], arms: Arms): Figures {
  const questions = [...Map.groupBy(trials, ({ id }) => id).values()]
  const names = [...arms.keys()]
  const contender = names.at(-1)
  if (questions.length === 0 || contender === undefined) {
    return { arms: [], iterations: [], contests: [], per_question: [] }
  }
  const others = names.slice(0, -1)
  return {
    arms: [...arms].map(([name, samples]) => armFigures(questions, name, samples)),
    iterations: iterationFigures(questions),
    contests: (['reward', 'judge'] as const).flatMap((by) =>
      others.flatMap((over) => contest(questions, contender, over, by) ?? []),
    ),
    per_question: questions.map((repetitions) => questionFigures(repetitions, names)),
  }
}

type Repetitions = readonly Trial[]

function answerOf({ id, answers }: Trial, name: ArmName): ArmAnswer {
  const answer = answers[name]
  if (answer === undefined) throw new Error(`${id} has no answer of ${name}`)
  return answer
}

/** A mean over questions of what each comes to over its repetitions; null where one tells nothing. */
function overQuestions(
  questions: readonly Repetitions[],
  of: (trial: Trial) => number | null,
): Interval | null {
  const means: number[] = []
  for (const repetitions of questions) {
    const values = present(repetitions.map(of))
    if (values.length < repetitions.length) return null
    means.push(mean(values))
  }
  return meanInterval(means)
}

const present = (values: readonly (number | null)[]) =>
  values.flatMap((value) => (value === null ? [] : [value]))

function known<T>(value: T | null): T {
  if (value === null) throw new Error('there are no trials')
  return value
}

function armFigures(questions: readonly Repetitions[], name: ArmName, samples: number): ArmFigures {
  const over = (of: (answer: ArmAnswer) => number | null) =>
    overQuestions(questions, (trial) => of(answerOf(trial, name)))
  const repeated = questions.every(({ length }) => length > 1)
  return {
    name,
    samples,
    reward: known(over(({ reward }) => reward)),
    judge: over(({ judge }) => judge),
    characters: known(over(({ characters }) => characters)),
    tokens: known(over(({ tokens }) => tokens)).value,
    model_calls: known(over(({ model_calls }) => model_calls)).value,
    seconds: over(({ seconds }) => seconds)?.value ?? null,
    spread: repeated
      ? meanInterval(questions.map((repetitions) => deviation(rewardsOf(repetitions, name))))
      : null,
  }
}

const rewardsOf = (repetitions: Repetitions, name: ArmName) =>
  repetitions.map((trial) => answerOf(trial, name).reward)

/** A run that stopped early has what it reached, in the iterations that it left out too. */
function iterationFigures(questions: readonly Repetitions[]): IterationFigures[] {
  const trials = questions.flat()
  const last = Math.max(...trials.map(({ iterations }) => iterations.length)) - 1
  return Array.from({ length: last + 1 }, (_, iteration) => {
    const reached = ({ iterations }: Trial) =>
      known(iterations[iteration] ?? iterations.at(-1) ?? null)
    const own = trials.filter(({ iterations }) => iterations.length > iteration)
    const inOwn = (of: (trial: Trial) => number) => known(overQuestions(grouped(own), of))
    return {
      iteration,
      mean: inOwn((trial) => reached(trial).mean),
      best: known(overQuestions(questions, (trial) => reached(trial).best)),
      spread: inOwn((trial) => reached(trial).spread),
      characters: inOwn((trial) => reached(trial).characters),
      judge: overQuestions(questions, (trial) => reached(trial).judge),
      best_here: mean(trials.map((trial) => Number(winner(trial) === iteration))),
    }
  })
}

const grouped = (trials: readonly Trial[]) => [...Map.groupBy(trials, ({ id }) => id).values()]

/** The iteration of the best answer: the first that reached the final best. */
const winner = ({ iterations }: Trial) =>
  iterations.findIndex(({ best }) => best === iterations.at(-1)?.best)

function contest(
  questions: readonly Repetitions[],
  contender: ArmName,
  over: ArmName,
  by: Contest['by'],
): Contest | null {
  const differences = (trial: Trial) => {
    const [one, other] = [answerOf(trial, contender)[by], answerOf(trial, over)[by]]
    return one === null || other === null ? null : one - other
  }
  const gain = overQuestions(questions, differences)
  if (gain === null) return null
  const all = present(questions.flat().map(differences))
  const won = all.filter((difference) => difference > 0).length
  const tied = all.filter((difference) => difference === 0).length
  const rate = known(
    overQuestions(questions, (trial) => (Math.sign(differences(trial) ?? 0) + 1) / 2),
  )
  return {
    over,
    by,
    won,
    tied,
    lost: all.length - won - tied,
    win_rate: known(shareInterval(rate.value, questions.length)),
    gain,
  }
}

function questionFigures(repetitions: Repetitions, names: readonly ArmName[]): QuestionFigures {
  const [first] = repetitions
  const arms = names.map((name) => {
    const answers = repetitions.map((trial) => answerOf(trial, name))
    const judged = present(answers.map(({ judge }) => judge))
    const rewards = answers.map(({ reward }) => reward)
    return [
      name,
      {
        reward: mean(rewards),
        judge: judged.length < answers.length ? null : mean(judged),
        characters: mean(answers.map(({ characters }) => characters)),
        spread: answers.length > 1 ? deviation(rewards) : null,
      },
    ] as const
  })
  return { id: first?.id ?? '', question: first?.question ?? '', arms: Object.fromEntries(arms) }
}
