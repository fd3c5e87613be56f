import { type Signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Mode, type StartRequest } from '../../../../shared/tpo.ts'
import { modelSettings } from '../../state/endpoints.ts'
import { words } from '../../words/index.ts'

interface RunSettings {
  readonly mode: Signal<Mode>
  readonly samples: Signal<number>
  readonly iterations: Signal<number>
  readonly seed: Signal<number>
  request(): Omit<StartRequest, 'query' | 'messages'>
}

/** The settings of the next run; they begin with the API's defaults. */
export function useRunSettings(): RunSettings {
  const mode = useSignal<Mode>('tpo')
  const samples = useSignal(5)
  const iterations = useSignal(2)
  const seed = useSignal(7)
  return {
    mode,
    samples,
    iterations,
    seed,
    request: () => ({
      mode: mode.value,
      samples: samples.value,
      iterations: iterations.value,
      seed: seed.value,
      ...modelSettings(),
    }),
  }
}

export function SettingsFields({ settings }: { settings: RunSettings }) {
  const { mode, samples, iterations, seed } = settings
  const disclosure = useRef<HTMLDetailsElement>(null)
  return (
    <details
      class="settings"
      ref={disclosure}
      // A browser cannot point at a wrong field that is folded away.
      onInvalidCapture={() => disclosure.current?.setAttribute('open', '')}
    >
      <summary>
        <span class="settings-title">{words.value.compose.settings}</span>
        <span class="settings-brief">
          {words.value.compose.settingsBrief(
            mode.value,
            samples.value,
            iterations.value,
            seed.value,
          )}
        </span>
      </summary>
      <div class="fields">
        <fieldset class="modes">
          <legend>{words.value.compose.mode}</legend>
          {Mode.options.map((option) => (
            <label key={option} class="mode">
              <input
                type="radio"
                name="mode"
                value={option}
                checked={mode.value === option}
                onChange={() => {
                  mode.value = option
                }}
              />
              <span class="mode-name">{words.value.compose.modes[option].name}</span>
              <span class="mode-about">{words.value.compose.modes[option].about}</span>
            </label>
          ))}
        </fieldset>
        <NumberField
          id="samples"
          label={words.value.compose.samples}
          value={samples}
          min={1}
          max={128}
        />
        <NumberField
          id="iterations"
          label={words.value.compose.iterations}
          value={iterations}
          min={0}
          max={100}
          disabled={mode.value === 'bon'}
        />
        <NumberField
          id="seed"
          label={words.value.compose.seed}
          hint={words.value.compose.seedHint}
          value={seed}
          min={0}
          max={2 ** 31 - 1}
        />
      </div>
    </details>
  )
}

interface NumberFieldProps {
  id: string
  label: string
  hint?: string
  value: Signal<number>
  min: number
  max: number
  disabled?: boolean
}

export function NumberField({ id, label, hint, value, ...limits }: NumberFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        required
        step={1}
        {...limits}
        defaultValue={String(value.peek())}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => {
          value.value = event.currentTarget.valueAsNumber
        }}
      />
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  )
}
