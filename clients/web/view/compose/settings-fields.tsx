import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Mode } from '../../../../shared/tpo.ts'
import { nextRun } from '../../state/next-run.ts'
import { completionPrice, promptPrice } from '../../state/prices.ts'
import { words } from '../../words/index.ts'
import { NumberField } from './number-field.tsx'

/**
 * The settings of the next run, folded: those of most runs first, the rest in folds of their own.
 * They are one store for the whole page, so they stand in one place at a time.
 */
export function SettingsFields() {
  const disclosure = useRef<HTMLDetailsElement>(null)
  const { compose } = words.value
  const { mode, samples, iterations, seed, changed } = nextRun
  return (
    <details
      class="settings"
      ref={disclosure}
      // A browser cannot point at a wrong field that is folded away.
      onInvalidCapture={(event) => {
        disclosure.current?.setAttribute('open', '')
        if (event.target instanceof Element) {
          event.target.closest('details.fold')?.setAttribute('open', '')
        }
      }}
    >
      <summary>
        <span class="settings-title">{compose.settings}</span>
        <span class="settings-brief">
          {compose.settingsBrief(mode.value, samples.value, iterations.value, seed.value)}
          {changed.value.system && ` · ${compose.briefSystem}`}
          {changed.value.stop && ` · ${compose.briefStop}`}
        </span>
      </summary>
      <div class="settings-body">
        <div class="fields">
          <fieldset class="modes">
            <legend>{compose.mode}</legend>
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
                <span class="mode-name">{compose.modes[option].name}</span>
                <span class="mode-about">{compose.modes[option].about}</span>
              </label>
            ))}
          </fieldset>
          <NumberField id="samples" label={compose.samples} value={samples} min={1} max={128} />
          <NumberField
            id="iterations"
            label={compose.iterations}
            value={iterations}
            min={0}
            max={100}
            disabled={mode.value === 'bon'}
          />
          <NumberField
            id="seed"
            label={compose.seed}
            hint={compose.seedHint}
            value={seed}
            min={0}
            max={2 ** 31 - 1}
          />
          <Sampling
            id=""
            fields={[nextRun.temperature, nextRun.topP, nextRun.maxTokens]}
            hint={compose.maxTokensHint}
          />
        </div>
        <Fold title={compose.system} on={changed.value.system}>
          <SystemPrompt />
        </Fold>
        <Fold title={compose.stops} about={compose.stopsAbout} on={changed.value.stop}>
          <Stops />
        </Fold>
        <Fold title={compose.critic} about={compose.criticAbout} on={changed.value.critic}>
          <div class="fields" role="group" aria-label={compose.critic}>
            <Sampling
              id="critic-"
              fields={[nextRun.criticTemperature, nextRun.criticTopP, nextRun.criticMaxTokens]}
            />
          </div>
        </Fold>
        <Fold
          title={compose.prices}
          about={compose.pricesAbout}
          on={promptPrice.value !== undefined || completionPrice.value !== undefined}
        >
          <div class="fields">
            <NumberField
              id="prompt-price"
              label={compose.promptPrice}
              value={promptPrice}
              min={0}
              decimal
              optional
            />
            <NumberField
              id="completion-price"
              label={compose.completionPrice}
              value={completionPrice}
              min={0}
              decimal
              optional
            />
          </div>
        </Fold>
        {changed.value.any && (
          <button type="button" class="button quiet" onClick={nextRun.reset}>
            {compose.reset}
          </button>
        )}
      </div>
    </details>
  )
}

interface FoldProps {
  title: string
  about?: string
  /** Something in it is set. */
  on: boolean
  children: ComponentChildren
}

function Fold({ title, about, on, children }: FoldProps) {
  return (
    <details class="fold">
      <summary>
        <span class={on ? 'fold-title is-on' : 'fold-title'}>{title}</span>
        {about !== undefined && <span class="hint">{about}</span>}
      </summary>
      {children}
    </details>
  )
}

interface SamplingProps {
  /** Begins the ids of its fields. */
  id: string
  fields: readonly [
    temperature: { value: number },
    topP: { value: number },
    maxTokens: { value: number },
  ]
  hint?: string
}

function Sampling({ id, fields: [temperature, topP, maxTokens], hint }: SamplingProps) {
  const { compose } = words.value
  return (
    <>
      <NumberField
        id={`${id}temperature`}
        label={compose.temperature}
        value={temperature}
        min={0}
        max={2}
        decimal
      />
      <NumberField
        id={`${id}top-p`}
        label={compose.topP}
        value={topP}
        min={0.001}
        max={1}
        decimal
      />
      <NumberField
        id={`${id}max-tokens`}
        label={compose.maxTokens}
        value={maxTokens}
        min={1}
        max={1_000_000}
        {...(hint !== undefined && { hint })}
      />
    </>
  )
}

function SystemPrompt() {
  const { system } = nextRun
  return (
    <div class="field">
      <label for="system">{words.value.compose.systemLabel}</label>
      <textarea
        id="system"
        rows={3}
        value={system.value}
        onInput={(event) => {
          system.value = event.currentTarget.value
        }}
      />
    </div>
  )
}

function Stops() {
  const { compose } = words.value
  const { plateau } = nextRun
  return (
    <div class="fields">
      <NumberField
        id="plateau"
        label={compose.plateau}
        hint={compose.plateauHint}
        value={plateau}
        min={1}
        max={100}
        optional
      />
      <NumberField
        id="min-improvement"
        label={compose.minImprovement}
        hint={compose.minImprovementHint}
        value={nextRun.minImprovement}
        min={0}
        decimal
        optional
        disabled={plateau.value === undefined}
      />
      <NumberField
        id="target-reward"
        label={compose.targetReward}
        hint={compose.targetRewardHint}
        value={nextRun.targetReward}
        decimal
        optional
      />
      <NumberField
        id="min-gap"
        label={compose.minGap}
        hint={compose.minGapHint}
        value={nextRun.minGap}
        min={0}
        decimal
        optional
      />
      <NumberField
        id="token-budget"
        label={compose.tokenBudget}
        hint={compose.tokenBudgetHint}
        value={nextRun.tokenBudget}
        min={1}
        optional
      />
      <NumberField
        id="deadline"
        label={compose.deadline}
        hint={compose.deadlineHint}
        value={nextRun.deadline}
        min={0.1}
        max={86_400}
        decimal
        optional
      />
    </div>
  )
}
