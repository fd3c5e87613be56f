import type { Signal } from '@preact/signals'
import type { StartSettings } from '../../../../shared/tpo.ts'
import { type Draft, withField } from '../../state/drafts.ts'
import { words } from '../../words/index.ts'
import { Refusal } from './refusal.tsx'

const limits = {
  temperature: { min: 0, max: 2, step: 'any' },
  top_p: { min: 0.001, max: 1, step: 'any' },
  max_tokens: { min: 1, max: 1_000_000, step: 1 },
  samples: { min: 1, max: 128, step: 1 },
  seed: { min: 0, max: 2 ** 31 - 1, step: 1 },
} as const
type Name = keyof typeof limits
const names = Object.keys(limits) as Name[]

interface SamplingFieldsProps {
  request: StartSettings
  draft: Signal<Draft>
  refusal: string | null
}

/** How the next answers are drawn; what is not changed is as the run was started. */
export function SamplingFields({ request, draft, refusal }: SamplingFieldsProps) {
  const text = words.value.steer
  const { policy, samples, seed } = request
  const usual: Record<Name, number> = {
    temperature: policy.temperature,
    top_p: policy.top_p,
    max_tokens: policy.max_tokens,
    samples,
    seed,
  }
  const { sampling = {} } = draft.value
  const set = (name: Name, value: number) => {
    const { [name]: _, ...others } = sampling
    const changed =
      Number.isNaN(value) || value === usual[name] ? others : { ...others, [name]: value }
    draft.value = withField(
      draft.value,
      'sampling',
      Object.keys(changed).length === 0 ? undefined : changed,
    )
  }
  return (
    <fieldset class="edit-field drawing" aria-describedby="edit-sampling-refusal">
      <legend>{text.drawing}</legend>
      {names.map((name) => (
        <div key={name} class="field">
          <label for={`edit-${name}`}>{text.sampling[name]}</label>
          <input
            id={`edit-${name}`}
            type="number"
            inputMode={limits[name].step === 1 ? 'numeric' : 'decimal'}
            required
            {...limits[name]}
            class={name in sampling ? 'is-changed' : undefined}
            value={sampling[name] ?? usual[name]}
            onChange={({ currentTarget: { valueAsNumber } }) => set(name, valueAsNumber)}
          />
        </div>
      ))}
      <button
        type="button"
        class="button"
        onClick={() => set('seed', Math.floor(Math.random() * limits.seed.max))}
      >
        {text.newSeed}
      </button>
      <Refusal id="edit-sampling-refusal" text={refusal} />
    </fieldset>
  )
}
