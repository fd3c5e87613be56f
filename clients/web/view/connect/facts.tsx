import type { BackendStatus } from '../../../../shared/client.ts'
import { formatCount } from '../../../common/format.ts'
import { words } from '../../words/index.ts'

/** What is known of one server; what it does not tell is said so. */
export function Facts({ backend }: { backend: BackendStatus }) {
  const { connect } = words.value
  const { reachable, authorised, latency_ms, model, model_present, context_length } = backend
  const computes = [backend.dtype, backend.provider].filter((part) => part !== null)
  const rows: readonly (readonly [string, string | null, good?: boolean | null])[] = [
    [
      connect.reached,
      !reachable
        ? connect.no
        : latency_ms === null
          ? connect.yes
          : connect.reachedIn(`${formatCount(Math.round(latency_ms))} ms`),
      reachable,
    ],
    [
      connect.key,
      authorised === null ? null : authorised ? connect.keyTaken : connect.keyRefused,
      authorised,
    ],
    [
      backend.role === 'reward' ? connect.loaded : connect.model,
      model === null ? null : `${model}${model_present === false ? ` (${connect.notServed})` : ''}`,
      model_present,
    ],
    [
      connect.context,
      context_length === null ? null : connect.contextOf(formatCount(context_length)),
    ],
    [connect.runsOn, computes.length === 0 ? null : computes.join(' · ')],
    [connect.speaks, backend.speaks],
  ]
  return (
    <dl class="facts">
      {rows.map(([name, value, good]) => (
        <div key={name} class={good === false ? 'is-bad' : undefined}>
          <dt>{name}</dt>
          <dd class={value === null ? 'is-unknown' : undefined}>{value ?? connect.notTold}</dd>
        </div>
      ))}
    </dl>
  )
}
