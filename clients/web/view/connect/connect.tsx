import { useEffect } from 'preact/hooks'
import { apiKey, forgetApiKey } from '../../state/api-key.ts'
import { checkAll, checkedAt, health, urlsAllowed } from '../../state/backends.ts'
import {
  chooseEndpoint,
  chosenUrl,
  type Endpoint,
  endpoints,
  removeEndpoint,
} from '../../state/endpoints.ts'
import { words } from '../../words/index.ts'
import { BackendCard } from './backend-card.tsx'
import { EndpointForm } from './endpoint-form.tsx'
import { login } from './login-button.tsx'
import { ModelFields } from './model-fields.tsx'

/** The servers behind the API, and which of them the next runs ask. */
export function Connect() {
  useEffect(() => checkAll({ quiet: true }), [])
  const { connect } = words.value
  return (
    <div class="connect">
      <h1>{connect.title}</h1>
      <p class="connect-lead">{connect.lead}</p>
      <Access />
      <div class="roles">
        <section aria-labelledby="policies">
          <h2 id="policies">{connect.policy}</h2>
          <p>{connect.policyAbout}</p>
          <PolicyCard endpoint={null} />
          {endpoints.value.map((endpoint) => (
            <PolicyCard key={endpoint.url} endpoint={endpoint} />
          ))}
          {urlsAllowed.value === true && <EndpointForm />}
          {urlsAllowed.value === false && <p class="hint">{connect.urlsOff}</p>}
        </section>
        <section aria-labelledby="rewards">
          <h2 id="rewards">{connect.reward}</h2>
          <p>{connect.rewardAbout}</p>
          <BackendCard of="reward" url={null} name={connect.reward} />
        </section>
      </div>
    </div>
  )
}

/** A policy; null is the configured one. Where there are several, one is chosen. */
function PolicyCard({ endpoint }: { endpoint: Endpoint | null }) {
  const { connect } = words.value
  const url = endpoint?.url ?? null
  const backend = checkedAt(url).answer?.backends.find(({ role }) => role === 'policy')
  const chosen = chosenUrl.value === url
  return (
    <BackendCard
      of="policy"
      url={url}
      name={endpoint?.url ?? connect.policy}
      own={endpoint !== null}
    >
      {chosen && backend?.reachable === true && <ModelFields backend={backend} />}
      {(endpoints.value.length > 0 || !chosen) && (
        <div class="backend-foot">
          <label class="check">
            <input
              type="radio"
              name="endpoint"
              checked={chosen}
              onChange={() => chooseEndpoint(url)}
            />
            {chosen ? connect.used : connect.use}
          </label>
          {endpoint === null ? (
            <span class="hint">{connect.configured}</span>
          ) : (
            <>
              <span class="hint">
                {endpoint.key === null ? connect.noKey : connect.keyEnding(endOf(endpoint.key))} ·{' '}
                {connect.own}
              </span>
              <button
                type="button"
                class="button"
                aria-label={connect.removeOf(endpoint.url)}
                onClick={() => removeEndpoint(endpoint.url)}
              >
                {connect.remove}
              </button>
            </>
          )}
        </div>
      )}
    </BackendCard>
  )
}

/** Enough to tell keys apart, and nothing of a short one. */
const endOf = (key: string) => (key.length < 12 ? '' : key.slice(-4))

/** Whether this browser is logged in, where that matters. */
function Access() {
  const { connect } = words.value
  if (apiKey.value === null && health.value !== 'login') return null
  const [says, does, act] =
    apiKey.value !== null && health.value !== 'login'
      ? [connect.loggedIn, connect.logout, forgetApiKey]
      : [connect.loggedOut, connect.login, () => void login()]
  return (
    <div class="access">
      <p>{says}</p>
      <button type="button" class="button" onClick={act}>
        {does}
      </button>
    </div>
  )
}
