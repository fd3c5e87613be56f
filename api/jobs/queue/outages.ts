import type { Redis } from '../../redis.ts'

const lookAgainMs = 500

interface OutageOptions {
  /** A connection that waits for one that broke. */
  redis: Redis
  /** Hears of each beginning and end, in words that follow a name. */
  tell: (what: string) => void
  began: () => unknown
  over: () => unknown
}

/** Times in which Redis is away, or takes nothing: it loads, or its disk or memory is full, or it is a replica. */
export function watchOutages({ redis, tell, began, over }: OutageOptions) {
  let now = false

  async function lookAgain(): Promise<void> {
    const takes = await redis.set('tpo:job-probe', '1', { PX: 1000 }).catch(() => undefined)
    if (!redis.isOpen) return
    if (takes === undefined) return void setTimeout(lookAgain, lookAgainMs).unref()
    now = false
    tell('is back')
    over()
  }

  const begin = () => {
    if (now) return
    now = true
    tell('is away, or takes nothing now; the worker goes on when it does')
    began()
    setTimeout(lookAgain, lookAgainMs).unref()
  }
  redis.on('error', begin)
  return { begin, now: () => now }
}
