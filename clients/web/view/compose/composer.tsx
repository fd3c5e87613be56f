import { useEffect, useRef } from 'preact/hooks'
import { nextRun } from '../../state/next-run.ts'
import { question, saidTurns, turns } from '../../state/question.ts'
import type { RunStore } from '../../state/runs.ts'
import { exampleQuestions } from '../../words/examples.ts'
import { words } from '../../words/index.ts'
import { Estimate } from './estimate.tsx'
import { SettingsFields } from './settings-fields.tsx'
import { Turns } from './turns.tsx'

/** While an input method composes, Enter picks a word and nothing else. */
const composes = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229

export function Composer({ store }: { store: RunStore }) {
  const form = useRef<HTMLFormElement>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const { compose } = words.value
  const idle = store.status.value === 'idle'
  const missing = question.value.trim() === '' ? compose.questionMissing : ''
  useEffect(() => {
    box.current?.setCustomValidity(missing)
  }, [missing])

  const submit = (event: Event) => {
    event.preventDefault()
    if (store.status.value === 'running') return
    store.start(nextRun.ask(question.value, saidTurns.value))
  }
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || composes(event)) return
    event.preventDefault()
    form.current?.requestSubmit()
  }

  return (
    <form class={idle ? 'composer' : 'composer is-compact'} ref={form} onSubmit={submit}>
      {turns.value.length > 0 && <Turns />}
      <div class="composer-head">
        <label class="composer-label" for="question">
          {compose.question}
        </label>
        {turns.value.length === 0 && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              turns.value = [
                { role: 'user', content: '' },
                { role: 'assistant', content: '' },
              ]
            }}
          >
            {compose.addEarlier}
          </button>
        )}
      </div>
      <textarea
        id="question"
        ref={box}
        rows={idle ? 3 : 1}
        required
        placeholder={compose.questionHint}
        value={question}
        onInput={(event) => {
          question.value = event.currentTarget.value
        }}
        onKeyDown={key}
      />
      <div class="composer-foot">
        <SettingsFields />
        <div class="composer-go">
          <Estimate />
          <kbd>{compose.shortcut}</kbd>
          <button type="submit" class="button primary" disabled={store.status.value === 'running'}>
            {compose.improve}
          </button>
        </div>
      </div>
      {idle && <Examples onChoice={() => box.current?.focus()} />}
    </form>
  )
}

function Examples({ onChoice }: { onChoice: () => void }) {
  const { compose } = words.value
  return (
    <fieldset class="examples">
      <legend>{compose.examples}</legend>
      {exampleQuestions.map((example, at) => (
        <button
          key={example}
          type="button"
          class="chip"
          title={example}
          onClick={() => {
            question.value = example
            onChoice()
          }}
        >
          {compose.exampleTitles[at]}
        </button>
      ))}
    </fieldset>
  )
}
