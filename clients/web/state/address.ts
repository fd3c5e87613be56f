/** The address names the run that is shown, so that a reload, a bookmark and the back button find it. */
import { computed, effect, signal } from '@preact/signals'
import { currentRun } from './current-run.ts'
import { load } from './library.ts'
import { addressOf, route } from './route.ts'

/** The id in the address, where this browser has no such run. */
export const missing = signal<string | null>(null)

export function followAddress(): void {
  const shownId = computed(() => currentRun.record.value?.id ?? null)
  const asked = computed(() => (route.value.tab === 'optimize' ? route.value.run : undefined))

  const open = async (id: string) => {
    const record = await load(id)
    if (asked.peek() !== id) return
    if (record === null) missing.value = id
    currentRun.open(record)
  }

  effect(() => {
    const id = shownId.value
    if (id !== null && route.peek().run !== id)
      location.hash = addressOf({ tab: 'optimize', run: id })
  })
  effect(() => {
    const id = asked.value
    missing.value = null
    if (id === undefined || id === shownId.peek()) return
    if (id !== null) void open(id)
    else if (currentRun.status.peek() !== 'running') currentRun.open(null)
  })
}
