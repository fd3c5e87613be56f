import { useSignal, useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Failure } from '../../state/failure.ts'
import { answerLogin, logIn, loginAsked } from '../../state/login.ts'
import { words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'

/** Opens where a request needs the API key; what needed it goes on when it is there. */
export function LoginDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const key = useRef<HTMLInputElement>(null)
  const remember = useRef<HTMLInputElement>(null)
  const busy = useSignal(false)
  const refused = useSignal<'wrong' | Failure | null>(null)

  useSignalEffect(() => {
    if (!loginAsked.value) return dialog.current?.close()
    refused.value = null
    if (key.current !== null) key.current.value = ''
    dialog.current?.showModal()
  })

  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy.value) return
    busy.value = true
    const result = await logIn(key.current?.value.trim() ?? '', remember.current?.checked === true)
    busy.value = false
    refused.value = result === 'in' ? null : result
    if (result === 'wrong') key.current?.select()
  }

  const { connect } = words.value
  return (
    <dialog
      class="login"
      ref={dialog}
      aria-labelledby="login-title"
      onClose={() => answerLogin(false)}
    >
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="login-title">{connect.loginTitle}</h2>
        <p>{connect.loginAbout}</p>
        <div class="field">
          <label for="api-key">{connect.apiKey}</label>
          <input
            id="api-key"
            ref={key}
            type="password"
            autocomplete="current-password"
            required
            spellcheck={false}
            aria-invalid={refused.value === 'wrong'}
            aria-describedby="login-refused"
            onInput={() => {
              refused.value = null
            }}
          />
        </div>
        <label class="check">
          <input type="checkbox" ref={remember} />
          {connect.remember}
        </label>
        <div id="login-refused" role="alert">
          {refused.value === 'wrong' && <p class="failure-title">{connect.wrongKey}</p>}
          {refused.value !== null && refused.value !== 'wrong' && (
            <FailureText failure={refused.value} />
          )}
        </div>
        <div class="login-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {connect.notNow}
          </button>
          <button type="submit" class="button primary" aria-disabled={busy.value}>
            {busy.value ? connect.states.checking : connect.login}
          </button>
        </div>
      </form>
    </dialog>
  )
}
