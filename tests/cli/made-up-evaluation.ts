/** A comparison that nobody ran: its answers are made up, its numbers are what ours come to. */
import type { Arms } from '../../clients/cli/evaluation/arms.ts'
import { type Figures, figuresOf } from '../../clients/cli/evaluation/evaluate.ts'
import type {
  ArmAnswer,
  Case,
  Evaluation,
  IterationReached,
  Trial,
} from '../../clients/cli/evaluation/evaluation.ts'

const topics = [
  'Write a friendly invitation to Priya for a farewell dinner on Thursday, 14 May at 7 pm.',
  'Explain to a ten-year-old why the sky is blue, in at most five sentences.',
  'My neighbour plays loud music at night. Write a note that he will not take badly.',
  'What should I check before I buy a used bicycle?',
  'Summarise in two sentences what a hash table is good for.',
  'Thank Ana for the flowers that she sent after the operation.',
  'Plan three days in Lisbon for a couple that likes food and hates museums.',
  '用一句话解释什么是复利。',
  'Decline a job offer politely and keep the door open.',
  'Which is safer to eat raw, an egg or a mushroom, and why?',
]

export interface MadeUp {
  readonly questions: number
  readonly repetitions: number
  readonly judge: boolean
  readonly bestOfN: boolean
  /** Of the run's own answers, on top of what chance gives. */
  readonly advantage: number
  /** How many characters an iteration adds. */
  readonly growth: number
}

/** A run of a hundred questions as it might be. */
const usual: MadeUp = {
  questions: 100,
  repetitions: 3,
  judge: true,
  bestOfN: true,
  advantage: 0.5,
  growth: 45,
}

const allArms: Arms = new Map([
  ['first_answer', 1],
  ['first_best', 5],
  ['best_of_n', 15],
  ['tpo', 15],
])

export function madeUpEvaluation(wanted: Partial<MadeUp> = {}): Evaluation {
  const made = { ...usual, ...wanted }
  const chance = dice(7)
  const trials = Array.from({ length: made.questions }, (_, question) => {
    const ease = chance() * 1.6
    return Array.from({ length: made.repetitions }, (_, repetition) =>
      trialOf({ question, repetition, ease }, made, chance),
    )
  }).flat()
  const arms = new Map([...allArms].filter(([name]) => made.bestOfN || name !== 'best_of_n'))
  return evaluationOf(figuresOf(trials, arms), made)
}

const questionAt = (at: number): string => topics[at % topics.length] ?? ''

function evaluationOf(figures: Figures, { questions, repetitions, judge }: MadeUp): Evaluation {
  return {
    format: 'tpo-evaluation',
    version: 1,
    made_at: '2026-11-22T20:12:40.000Z',
    settings: {
      mode: 'tpo',
      samples: 5,
      iterations: 2,
      seed: 42,
      temperature: 0.7,
      max_tokens: 2048,
    },
    models: {
      policy: 'Qwen/Qwen3-4B-Instruct',
      reward: 'Skywork/Skywork-Reward-V2-Qwen3-0.6B',
      judge: judge ? 'Skywork/Skywork-Reward-V2-Llama-3.1-8B' : null,
    },
    questions,
    repetitions,
    failed: [],
    ...figures,
    best_cases: [caseOf('q017', 4.31, 1), caseOf('q004', 3.02, 1)].slice(
      0,
      Math.ceil(questions / 2),
    ),
    worst_cases: [caseOf('q058', -1.48, -1)].slice(0, Math.floor(questions / 2)),
  }
}

interface Place {
  readonly question: number
  readonly repetition: number
  readonly ease: number
}

function trialOf(place: Place, made: MadeUp, chance: () => number): Trial {
  const { question, repetition, ease } = place
  const length = 380 + Math.abs(chance()) * 160
  const drawn = Array.from({ length: 15 }, () => ease + chance() * 1.2)
  const first = drawn.slice(0, 5)
  const rounds = [0, 1, 2].map((iteration) =>
    first.map((_, at) =>
      iteration === 0
        ? (first[at] ?? 0)
        : ease + made.advantage * (1 + iteration * 0.8) + chance() * (1.1 - iteration * 0.2),
    ),
  )
  const judgeOf = (reward: number) => (made.judge ? reward * 0.6 + chance() * 0.8 - 2 : null)
  let best = -Infinity
  const iterations = rounds.map((rewards, iteration): IterationReached => {
    best = Math.max(best, ...rewards)
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
    return {
      iteration,
      mean,
      best,
      spread: Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 5),
      characters: length + iteration * made.growth + chance() * 20,
      judge: judgeOf(best),
    }
  })
  const answer = (
    reward: number,
    tokens: number,
    model_calls: number,
    seconds: number | null,
  ): ArmAnswer => ({
    reward,
    judge: judgeOf(reward),
    characters: Math.round(length + (reward - ease) * made.growth + chance() * 60),
    tokens: Math.round(tokens * (1 + chance() * 0.1)),
    model_calls,
    seconds: seconds === null ? null : seconds * (1 + Math.abs(chance()) * 0.2),
  })
  return {
    id: `q${String(question).padStart(3, '0')}`,
    question: questionAt(question),
    repetition,
    answers: {
      first_answer: answer(first[0] ?? 0, 160, 1, null),
      first_best: answer(Math.max(...first), 640, 1, 2.1),
      best_of_n: answer(Math.max(...drawn), 1890, 1, 4.4),
      tpo: answer(best, 5210, 7, 11.8),
    },
    iterations,
  }
}

/** About normal, of deviation 1, the same every time. */
function dice(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6)
}

function caseOf(id: string, gain: number, sign: number): Case {
  const first =
    'Hey Priya,\n\nI was just sitting at my desk and thinking about what to write. Please join us for my farewell dinner on Thursday, 14 May at 7 pm.\n\nWarm regards'
  const better =
    'Hey Priya,\n\nPlease join us for my farewell dinner on Thursday, 14 May at 7 pm in the Harbour Café.\n\nPlease send a short reply if you would like to come. We cannot wait to celebrate with you.\n\nWarm regards'
  return {
    id,
    question: questionAt(sign > 0 ? 0 : 7),
    answers: {
      first_answer: { text: `${first}\n\nSent in haste`, reward: -1.2, judge: -3.1 },
      first_best: { text: first, reward: 0.4, judge: -2.2 },
      best_of_n: { text: first.replace('Warm', 'Kind'), reward: 3 - gain, judge: -1.9 },
      tpo: { text: better, reward: 3, judge: -0.6 },
    },
    loss: 'The chosen answer says what is asked at once. The rejected one begins with small talk and never says where the dinner is.',
    gradient:
      'First, put the purpose in the first sentence and remove the small talk before it. Then add the place. Keep the rest as it is.',
    gain,
  }
}
