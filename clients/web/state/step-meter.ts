/** What the step under way has taken so far, and its events as the page can keep up with them. */
import { batch, signal } from '@preact/signals'
import type { StepAnswer, StreamEvent } from '../../../shared/client.ts'
import { perFrame } from './frames.ts'
import { laneOf, tokenCount } from './written.ts'

const tickMs = 100

interface Watched {
  signal: AbortSignal
  /** Takes an event in; those of a frame come together. */
  receive: (event: StreamEvent) => void
}

export function stepMeter() {
  const seconds = signal(0)
  const tokens = signal(0)
  const reset = () =>
    batch(() => {
      seconds.value = 0
      tokens.value = 0
    })
  return {
    seconds,
    tokens,
    reset,
    /** Counts from zero while a step is taken. */
    async watch(
      take: (onEvent: (event: StreamEvent) => void) => Promise<StepAnswer>,
      { signal, receive }: Watched,
    ): Promise<StepAnswer> {
      reset()
      const since = performance.now()
      const clock = setInterval(() => {
        seconds.value = (performance.now() - since) / 1000
      }, tickMs)
      const written = tokenCount()
      const received = perFrame<StreamEvent>((events) =>
        batch(() => {
          for (const event of events) {
            receive(event)
            written.add(event)
          }
          if (!signal.aborted) tokens.value = written.total()
        }),
      )
      try {
        return await take((event) => {
          signal.throwIfAborted()
          received.add(laneOf(event), event)
        })
      } finally {
        clearInterval(clock)
        received.flush()
      }
    },
  }
}
