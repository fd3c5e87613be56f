import { health } from '../../state/backends.ts'
import { words } from '../../words/index.ts'

/** How the servers are for the next run, beside the link to where it is told in full. */
export function StatusDot() {
  const { connect } = words.value
  const says = connect.states[health.value]
  return (
    <>
      <span class={`dot is-${health.value}`} title={says} aria-hidden="true" />
      <span class="unseen">({says})</span>
    </>
  )
}
