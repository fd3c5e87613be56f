import type { ComponentChildren } from 'preact'
import type { BackendStatus } from '../../../../shared/client.ts'
import { check, checkedAt, stateOf } from '../../state/backends.ts'
import { language, words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'
import { Facts } from './facts.tsx'
import { TroubleText } from './trouble.tsx'

interface BackendCardProps {
  of: BackendStatus['role']
  /** Of the policy with which it is checked; null is the configured one. */
  url: string | null
  /** What it is called while nothing is known of it. */
  name: string
  own?: boolean
  children?: ComponentChildren
}

/** One server: how it is, what is wrong with it, and a way to look again. */
export function BackendCard({ of, url, name, own = false, children }: BackendCardProps) {
  const { connect } = words.value
  const checked = checkedAt(url)
  const { answer, at, checking, failure } = checked
  const backend = answer?.backends.find((one) => one.role === of)
  const state = stateOf(checked, backend)
  const locked = state === 'login'
  const title = own ? name : (backend?.server ?? name)
  return (
    <article class="backend" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <p class="backend-state">
          <span class={`dot is-${state}`} />
          <span role="status">{connect.states[state]}</span>
          {at !== null && (
            <time dateTime={new Date(at).toISOString()}>
              {new Intl.DateTimeFormat(language.value, { timeStyle: 'medium' }).format(at)}
            </time>
          )}
        </p>
        <button
          type="button"
          class="button"
          aria-label={connect.testOf(title)}
          aria-disabled={checking}
          onClick={() => void check(url)}
        >
          {connect.test}
        </button>
      </header>
      {failure !== null && !locked && (
        <div class="trouble">
          <FailureText failure={failure} />
        </div>
      )}
      {failure === null && backend?.ok === false && <TroubleText backend={backend} own={own} />}
      {failure === null && backend?.reachable === true && <Facts backend={backend} />}
      {children}
    </article>
  )
}
