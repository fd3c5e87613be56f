import type { Signal } from '@preact/signals'
import type { Edit, Ranked } from '../../../../shared/client.ts'
import { formatReward, placeName } from '../../../common/format.ts'
import type { RunNode } from '../../../common/record.ts'
import { scoredAnswers } from '../../../common/tree.ts'
import { type Draft, withField } from '../../state/drafts.ts'
import { words } from '../../words/index.ts'
import { Refusal } from './refusal.tsx'

interface PairFieldsProps {
  /** From the start to the position whose next step is the textual loss. */
  path: readonly RunNode[]
  draft: Signal<Draft>
  refusal: (field: keyof Edit) => string | null
}

type Role = 'chosen' | 'rejected'
const usual = { chosen: 'best', rejected: 'worst' } as const

/** Which two answers the textual loss compares: any of the branch, or a person's own. */
export function PairFields({ path, draft, refusal }: PairFieldsProps) {
  const run = path.at(-1)?.run
  if (run?.best == null) return null
  const { best, worst, mode } = run
  const roles: readonly Role[] = mode === 'tpo' ? ['chosen', 'rejected'] : ['chosen']
  const answerOf = (role: Role) => draft.value[role] ?? usual[role]
  const set = (role: Role, answer: Edit['chosen']) => {
    draft.value = withField(draft.value, role, answer === usual[role] ? undefined : answer)
  }
  const answers = ranked(path)
  return (
    <div class="pair">
      {roles.map((role) => (
        <AnswerField
          key={role}
          role={role}
          answer={answerOf(role)}
          best={best}
          worst={worst ?? best}
          answers={answers}
          refusal={refusal(role)}
          set={(answer) => set(role, answer)}
        />
      ))}
      {mode === 'tpo' && (
        <button
          type="button"
          class="button"
          onClick={() => {
            const [chosen, rejected] = [answerOf('rejected'), answerOf('chosen')]
            set('chosen', chosen)
            set('rejected', rejected)
          }}
        >
          {words.value.steer.swap}
        </button>
      )}
    </div>
  )
}

/** The answers of a branch, the highest reward first; of equal texts, the first. */
const ranked = (path: readonly RunNode[]): Ranked[] =>
  [...Map.groupBy(scoredAnswers(path), ({ text }) => text).values()]
    .flatMap(([first]) => first ?? [])
    .sort((a, b) => b.reward - a.reward)

interface AnswerFieldProps {
  role: Role
  answer: NonNullable<Edit['chosen']>
  best: Ranked
  worst: Ranked
  answers: readonly Ranked[]
  refusal: string | null
  set: (answer: NonNullable<Edit['chosen']>) => void
}

function AnswerField({ role, answer, best, worst, answers, refusal, set }: AnswerFieldProps) {
  const text = words.value.steer
  const id = `edit-${role}`
  const at = typeof answer === 'string' ? -1 : answers.findIndex((one) => one.text === answer.text)
  const own = typeof answer === 'object' && at === -1
  const value = typeof answer === 'string' ? answer : own ? 'own' : String(at)
  const wording = answer === 'best' ? best.text : answer === 'worst' ? worst.text : answer.text
  const pick = (value: string) => {
    const picked = answers[Number(value)]
    if (value === 'best' || value === 'worst') set(value)
    else set({ text: value === 'own' ? '' : (picked?.text ?? '') })
  }
  return (
    <div class="edit-field">
      <label for={id}>{text[role]}</label>
      <select
        id={id}
        value={value}
        aria-invalid={refusal !== null}
        aria-describedby={`${id}-refusal`}
        onChange={({ currentTarget }) => pick(currentTarget.value)}
      >
        <option value="best">{text.bestSoFar(placeOf(best), formatReward(best.reward))}</option>
        <option value="worst">{text.worstSoFar(placeOf(worst), formatReward(worst.reward))}</option>
        {answers.map((one, at) => (
          <option key={placeOf(one)} value={String(at)}>
            {`${placeOf(one)}, ${formatReward(one.reward)}: ${excerpt(one.text)}`}
          </option>
        ))}
        <option value="own">{text.writeOwn}</option>
      </select>
      {own ? (
        <textarea
          aria-label={text.ownText}
          rows={4}
          required
          value={wording}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      ) : (
        <p class="gist">{wording}</p>
      )}
      <Refusal id={`${id}-refusal`} text={refusal} />
    </div>
  )
}

const placeOf = ({ iteration, index }: Ranked) => placeName(iteration, index)

const excerpt = (text: string) => {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 48 ? `${line.slice(0, 48)}…` : line
}
