import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { batchName, batchStatus, restoreBatch } from '../../state/batch.ts'
import { words } from '../../words/index.ts'
import { KeptNote } from '../library/kept-note.tsx'
import { BatchProgress } from './batch-progress.tsx'
import { BatchRows } from './batch-rows.tsx'
import { BatchSetup } from './batch-setup.tsx'

/** Many questions of a file, worked on a few at a time. */
export function BatchView() {
  const text = words.value.batch
  const restored = useSignal(false)
  const choosing = useSignal(false)
  useEffect(() => {
    const restore = async () => {
      await restoreBatch()
      restored.value = true
    }
    void restore()
  }, [])
  if (!restored.value) return null
  const none = batchStatus.value === 'none'
  return (
    <div class="batch">
      <h1>{text.title}</h1>
      <p class="hint">{text.about}</p>
      <KeptNote />
      {none || choosing.value ? (
        <>
          {!none && (
            <button
              type="button"
              class="button"
              onClick={() => {
                choosing.value = false
              }}
            >
              {text.back(batchName.value)}
            </button>
          )}
          <BatchSetup
            replaced={none ? null : batchName.value}
            onStart={() => {
              choosing.value = false
            }}
          />
        </>
      ) : (
        <>
          <BatchProgress
            onNew={() => {
              choosing.value = true
            }}
          />
          <BatchRows />
        </>
      )}
    </div>
  )
}
