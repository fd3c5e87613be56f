import type { Failure } from '../../state/failure.ts'
import { addressOf, route } from '../../state/route.ts'
import { words } from '../../words/index.ts'

/** What the Connect tab tells more of. */
const ofServers = /^(policy|reward)_|^url_not_allowed$/

/** What went wrong and what to do. */
export function FailureText({ failure }: { failure: Failure }) {
  const { connect, problems, shell } = words.value
  if (failure.kind === 'problem') {
    return (
      <div>
        <p class="failure-title">{problems[failure.code]}</p>
        <p lang="en">
          {failure.detail} <code>{failure.code}</code>
        </p>
        {ofServers.test(failure.code) && route.value.tab !== 'connect' && (
          <p>
            <a href={addressOf({ tab: 'connect', run: null })}>{connect.see}</a>
          </p>
        )}
      </div>
    )
  }
  const [title, detail] =
    failure.kind === 'connection'
      ? [shell.noConnection, shell.noConnectionDetail]
      : [shell.unexpected, shell.unexpectedDetail]
  return (
    <div>
      <p class="failure-title">{title}</p>
      <p>{detail}</p>
    </div>
  )
}
