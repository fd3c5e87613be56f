import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { RunStore } from '../../state/runs.ts'
import { exampleQuestions } from '../../words/compose.ts'
import { words } from '../../words/index.ts'
import { SettingsFields, useRunSettings } from './settings-fields.tsx'

/** While an input method composes, Enter picks a word and nothing else. */
const composes = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229

export function Composer({ store }: { store: RunStore }) {
  const question = useSignal('')
  const settings = useRunSettings()
  const form = useRef<HTMLFormElement>(null)
  const box = useRef<HTMLTextAreaElement>(null)

  const write = (text: string) => {
    question.value = text
    box.current?.setCustomValidity(text.trim() === '' ? words.value.compose.questionMissing : '')
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (store.status.value === 'running') return
    store.start({ query: question.value, ...settings.request() })
  }
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || composes(event)) return
    event.preventDefault()
    form.current?.requestSubmit()
  }

  return (
    <form class="composer" ref={form} onSubmit={submit}>
      <label class="composer-label" for="question">
        {words.value.compose.question}
      </label>
      <textarea
        id="question"
        ref={(element) => {
          box.current = element
          if (element !== null) write(question.peek())
        }}
        rows={3}
        required
        placeholder={words.value.compose.questionHint}
        value={question}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={key}
      />
      <div class="composer-foot">
        <SettingsFields settings={settings} />
        <div class="composer-go">
          <kbd>{words.value.compose.shortcut}</kbd>
          <button type="submit" class="button primary" disabled={store.status.value === 'running'}>
            {words.value.compose.improve}
          </button>
        </div>
      </div>
      <fieldset class="examples">
        <legend>{words.value.compose.examples}</legend>
        {exampleQuestions.map((question, at) => (
          <button
            key={question}
            type="button"
            class="chip"
            title={question}
            onClick={() => {
              write(question)
              box.current?.focus()
            }}
          >
            {words.value.compose.exampleTitles[at]}
          </button>
        ))}
      </fieldset>
    </form>
  )
}
