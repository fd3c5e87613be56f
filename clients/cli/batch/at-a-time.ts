/** Does work on each item, so many at a time, in their order; stops beginning more once `signal` aborts. */
export async function atATime<T>(
  items: readonly T[],
  count: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = items.values()
  const worker = async () => {
    for (const item of waiting) {
      if (signal?.aborted) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: count }, worker))
}
