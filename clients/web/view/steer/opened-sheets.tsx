import type { RunStore } from '../../state/runs.ts'
import { anatomy, comparison, provenance } from '../../state/sheets.ts'
import { lazy } from '../parts/lazy.tsx'

const Anatomy = lazy(async () => (await import('./anatomy.tsx')).Anatomy)
const Comparison = lazy(async () => (await import('./comparison.tsx')).Comparison)
const Provenance = lazy(async () => (await import('./provenance.tsx')).Provenance)

/** What is opened on top of a run. */
export function OpenedSheets({ store }: { store: RunStore }) {
  const record = store.record.value
  if (record === null) return null
  const has = (id: string) => record.nodes.some((node) => node.id === id)
  const pair = comparison.value
  const reward = provenance.value
  return (
    <>
      {anatomy.value !== null && <Anatomy store={store} iteration={anatomy.value} />}
      {pair !== null && has(pair.one) && has(pair.other) && (
        <Comparison record={record} one={pair.one} other={pair.other} />
      )}
      {reward !== null && has(reward.node) && (
        <Provenance record={record} path={store.path.value} {...reward} />
      )}
    </>
  )
}
