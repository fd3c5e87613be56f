/** What comes faster than a screen is drawn is taken in once a frame. */
export interface PerFrame<T> {
  add(item: T): void
  /** Takes in at once what has come since the last frame. */
  flush(): void
}

export function perFrame<T>(take: (items: readonly T[]) => void): PerFrame<T> {
  let items: T[] = []
  let frame: number | null = null
  const flush = () => {
    if (frame !== null) cancelAnimationFrame(frame)
    frame = null
    const come = items
    items = []
    if (come.length > 0) take(come)
  }
  return {
    add(item) {
      items.push(item)
      frame ??= requestAnimationFrame(flush)
    },
    flush,
  }
}
