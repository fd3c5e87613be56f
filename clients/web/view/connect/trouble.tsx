import type { BackendStatus } from '../../../../shared/client.ts'
import type { Places, Trouble } from '../../words/en/connect.ts'
import { words } from '../../words/index.ts'

function troubleOf({ authorised, reachable, model_present, trouble }: BackendStatus): Trouble {
  if (authorised === false) return 'key'
  if (!reachable) return trouble?.endsWith('_timeout') === true ? 'timeout' : 'unreachable'
  if (model_present === false) return 'model'
  return trouble?.endsWith('_refused') === true ? 'refused' : 'error'
}

/** What is wrong with a server and what to do about it. */
export function TroubleText({ backend, own }: { backend: BackendStatus; own: boolean }) {
  if (backend.trouble === null) return null
  const { connect, problems } = words.value
  const places: Places = own ? connect.ownPlaces : connect.serverPlaces(backend.role)
  return (
    <div class="trouble">
      <p class="failure-title">{problems[backend.trouble]}</p>
      <p>{connect.advice[troubleOf(backend)](places)}</p>
      <details>
        <summary>{connect.detail}</summary>
        <p lang="en">
          {backend.detail} <code>{backend.trouble}</code>
        </p>
      </details>
    </div>
  )
}
