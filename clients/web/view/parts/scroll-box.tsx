import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface ScrollBoxProps {
  class: string
  label: string
  children: ComponentChildren
}

/** Text that may be longer than its place; then it can be scrolled with the keyboard too. */
export function ScrollBox({ class: name, label, children }: ScrollBoxProps) {
  const box = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const overflows = useSignal(false)
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { scrollHeight = 0, clientHeight = 0 } = box.current ?? {}
      overflows.value = scrollHeight > clientHeight + 1
    })
    for (const { current } of [box, content]) if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [])
  const reachable = overflows.value
  return (
    <div
      class={`scroll-box ${name}`}
      ref={box}
      role={reachable ? 'group' : undefined}
      aria-label={reachable ? label : undefined}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by key
      tabIndex={reachable ? 0 : undefined}
    >
      <div ref={content}>{children}</div>
    </div>
  )
}
