/** A run shown again step by step, as it is kept: no model is called. */
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import type { RunStore } from './runs.ts'

export interface Replay {
  /** How many positions there are to show after the start; null while nothing is replayed. */
  readonly length: ReadonlySignal<number | null>
  /** Which of them is shown; 0 is the start. */
  readonly place: ReadonlySignal<number>
  readonly playing: ReadonlySignal<boolean>
  /** Shows the branch in view from its start. */
  begin(): void
  play(): void
  pause(): void
  seek(place: number): void
  /** Shows the branch's end again. */
  end(): void
  /** Lets go of the run. */
  dispose(): void
}

/** Long enough to read what a step brought, at a glance. */
const paceMs = 2500

export const createReplay = (store: RunStore): Replay => {
  /** The positions to show, by id. */
  const positions = signal<readonly string[] | null>(null)
  const place = signal(0)
  const playing = signal(false)
  const length = computed(() => (positions.value === null ? null : positions.value.length - 1))

  const show = (at: number) => {
    const id = positions.value?.[at]
    if (id === undefined) return
    batch(() => {
      place.value = at
      store.show(id)
    })
  }
  const stop = () =>
    batch(() => {
      positions.value = null
      playing.value = false
    })

  // Whoever looks elsewhere, or goes on with the run, has left the replay.
  const watches = [
    effect(() => {
      const shown = store.shown.value?.id
      if (positions.peek() !== null && shown !== positions.peek()?.[place.peek()]) stop()
    }),
    effect(() => {
      if (store.status.value === 'running') stop()
    }),
    effect(() => {
      if (!playing.value) return undefined
      const next = place.value + 1
      if (next > (length.value ?? 0)) {
        playing.value = false
        return undefined
      }
      const timer = setTimeout(() => show(next), paceMs)
      return () => clearTimeout(timer)
    }),
  ]

  return {
    length,
    place,
    playing,
    begin() {
      positions.value = store.path.value.map(({ id }) => id)
      show(0)
      // Who wants no motion goes from step to step by hand.
      playing.value = !matchMedia('(prefers-reduced-motion: reduce)').matches
    },
    play() {
      if (place.value === length.value) show(0)
      playing.value = true
    },
    pause() {
      playing.value = false
    },
    seek(at) {
      playing.value = false
      show(at)
    },
    end() {
      show(length.value ?? 0)
      stop()
    },
    dispose() {
      for (const end of watches) end()
    },
  }
}
