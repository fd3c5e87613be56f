import { useRef } from 'preact/hooks'
import { PolicyUrl } from '../../../../shared/policy-url.ts'
import { HeaderWord } from '../../state/api-key.ts'
import { check } from '../../state/backends.ts'
import { addEndpoint } from '../../state/endpoints.ts'
import { words } from '../../words/index.ts'

const judge = (input: HTMLInputElement, good: boolean, wrong: string) =>
  input.setCustomValidity(good ? '' : wrong)

/** Adds a model server of a person's own, and looks at it. */
export function EndpointForm() {
  const { connect } = words.value
  const url = useRef<HTMLInputElement>(null)
  const key = useRef<HTMLInputElement>(null)

  const submit = (event: Event) => {
    event.preventDefault()
    if (url.current === null || key.current === null) return
    const endpoint = { url: url.current.value.trim(), key: key.current.value.trim() || null }
    addEndpoint(endpoint)
    url.current.value = ''
    key.current.value = ''
    void check(endpoint.url)
  }
  return (
    <details class="endpoint-form">
      <summary>{connect.add}</summary>
      <form onSubmit={submit}>
        <p>{connect.addAbout}</p>
        <div class="field">
          <label for="endpoint-url">{connect.address}</label>
          <input
            id="endpoint-url"
            ref={url}
            inputMode="url"
            required
            spellcheck={false}
            placeholder="http://gpu:8000/v1"
            onInput={({ currentTarget: input }) =>
              judge(input, PolicyUrl.safeParse(input.value.trim()).success, connect.addressWrong)
            }
          />
        </div>
        <div class="field">
          <label for="endpoint-key">{connect.endpointKey}</label>
          <input
            id="endpoint-key"
            ref={key}
            type="password"
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget: input }) => {
              const text = input.value.trim()
              judge(input, text === '' || HeaderWord.safeParse(text).success, connect.keyWrong)
            }}
          />
        </div>
        <button type="submit" class="button">
          {connect.save}
        </button>
      </form>
    </details>
  )
}
