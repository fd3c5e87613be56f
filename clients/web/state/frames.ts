/** What comes faster than a screen is drawn is taken in a little with every frame. */
export interface PerFrame<T> {
  add(lane: number, item: T): void
  /** Takes in at once all that has come. */
  flush(): void
}

/** Lanes in one frame: of 20 that are written at once, each moves on 15 times a second. */
const lanesPerFrame = 5

export function perFrame<T>(take: (items: readonly T[]) => void): PerFrame<T> {
  /** By lane; who has waited longest comes first. */
  const waiting = new Map<number, T[]>()
  let frame: number | null = null
  const takeFrom = (lanes: readonly number[]) => {
    const items = lanes.flatMap((lane) => waiting.get(lane) ?? [])
    for (const lane of lanes) waiting.delete(lane)
    if (items.length > 0) take(items)
  }
  const draw = () => {
    takeFrom([...waiting.keys()].slice(0, lanesPerFrame))
    frame = waiting.size > 0 ? requestAnimationFrame(draw) : null
  }
  return {
    add(lane, item) {
      const items = waiting.get(lane)
      if (items === undefined) waiting.set(lane, [item])
      else items.push(item)
      frame ??= requestAnimationFrame(draw)
    },
    flush() {
      if (frame !== null) cancelAnimationFrame(frame)
      frame = null
      takeFrom([...waiting.keys()])
    },
  }
}
