/** Frees the lane; more than once does no harm. */
export type Leave = () => void

/** Waits for a free lane, in the order of asking. */
export type EnterLane = () => Promise<Leave>

/** So many lanes, each for one at a time; as many as are asked for, if left out. */
export function createLanes(count = Infinity): EnterLane {
  let free = count
  const waiting: (() => void)[] = []
  const vacate = () => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    let left = false
    return () => {
      if (!left) vacate()
      left = true
    }
  }
}
