import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Field } from '../../state/next-run.ts'
import { words } from '../../words/index.ts'

interface FieldProps {
  id: string
  label: string
  hint?: string
  min?: number
  max?: number
  /** Takes decimals, too. */
  decimal?: boolean
  disabled?: boolean
}

type ValueProps =
  | { value: Field<number>; optional?: false }
  | { value: Field<number | undefined>; optional: true }

/** A number; what is wrong with it is said below it, and only a right one is taken. */
export function NumberField(props: FieldProps & ValueProps) {
  const { id, label, hint, min, max, decimal = false, disabled = false, optional = false } = props
  const typed = useSignal<string | null>(null)
  const wrong = useSignal(false)
  const input = useRef<HTMLInputElement>(null)
  const value = props.value.value
  const problem = wrong.value && !disabled ? words.value.compose.wrong({ min, max, decimal }) : ''
  useEffect(() => {
    input.current?.setCustomValidity(problem)
  }, [problem])

  const take = (element: HTMLInputElement) => {
    element.setCustomValidity('')
    wrong.value = !element.validity.valid
    typed.value = element.value
    if (wrong.value) return
    if (!props.optional) props.value.value = element.valueAsNumber
    else props.value.value = element.value === '' ? undefined : element.valueAsNumber
  }
  const described = [
    ...(problem === '' ? [] : [`${id}-wrong`]),
    ...(hint === undefined ? [] : [`${id}-hint`]),
  ]
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        type="number"
        inputMode={decimal || (min ?? -1) < 0 ? 'decimal' : 'numeric'}
        required={!optional}
        placeholder={optional ? words.value.compose.off : undefined}
        step={decimal ? 'any' : 1}
        min={min}
        max={max}
        disabled={disabled}
        value={typed.value ?? value ?? ''}
        aria-invalid={problem !== ''}
        aria-describedby={described.length === 0 ? undefined : described.join(' ')}
        onInput={(event) => take(event.currentTarget)}
        onBlur={() => {
          if (!wrong.value) typed.value = null
        }}
      />
      {problem !== '' && (
        <small id={`${id}-wrong`} class="field-wrong">
          {problem}
        </small>
      )}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  )
}
