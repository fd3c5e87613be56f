import { useEffect, useRef } from 'preact/hooks'
import type { Next } from '../../../../shared/client.ts'
import type { RunStore } from '../../state/runs.ts'

const takesOver = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/** Ids of what can be scrolled to. */
export const anchors = {
  run: 'run',
  round: (iteration: number) => `round-${iteration}`,
  lanes: (iteration: number) => `lanes-${iteration}`,
  next: 'next',
}

/**
 * Keeps what is being written in view, and brings the result into view at the end, until the
 * person scrolls or touches anything themselves.
 */
export function useFollow({ status, current, path }: RunStore): void {
  const follows = useRef(false)
  const { step, iteration } = current.value ?? {}

  useEffect(() => {
    const stop = () => {
      follows.current = false
    }
    for (const event of takesOver) addEventListener(event, stop, { passive: true })
    return () => {
      for (const event of takesOver) removeEventListener(event, stop)
    }
  }, [])

  useEffect(() => {
    // Who walks the tree past a step under way stays where he is.
    const walks = document.activeElement?.closest('[role=tree]') != null
    if (status.value === 'running' && !walks) follows.current = true
    if (!follows.current || status.value === 'cancelled') return
    const fresh = path.value.length < 2
    if (status.value === 'open') {
      document.getElementById(anchors.next)?.scrollIntoView({ block: 'nearest' })
    } else if (status.value !== 'running' || fresh) scrollTo(anchors.run)
  }, [status.value])

  useEffect(() => {
    if (!follows.current || step === undefined || iteration === undefined) return
    bringIntoView({ step, iteration })
  }, [step, iteration])
}

/** Scrolls to where a step writes. */
export function bringIntoView({ step, iteration }: Next): void {
  if (step === 'loss') scrollTo(anchors.round(iteration))
  else if (step === 'update') scrollTo(anchors.lanes(iteration), innerHeight * 0.6)
}

/** Scrolls to an element whose top is further down than `below`, or above the window. */
function scrollTo(id: string, below = 0): void {
  const element = document.getElementById(id)
  const top = element?.getBoundingClientRect().top ?? 0
  if (top > below || top < 0) element?.scrollIntoView({ block: 'start' })
}
