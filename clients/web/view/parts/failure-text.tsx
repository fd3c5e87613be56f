import type { Failure } from '../../state/failure.ts'
import { words } from '../../words/index.ts'

/** What went wrong and what to do. */
export function FailureText({ failure }: { failure: Failure }) {
  const { problems, shell } = words.value
  if (failure.kind === 'problem') {
    return (
      <div>
        <p class="failure-title">{problems[failure.code]}</p>
        <p lang="en">
          {failure.detail} <code>{failure.code}</code>
        </p>
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
