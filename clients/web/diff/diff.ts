/** The words that two texts share and do not share, found in a worker. */
export interface DiffPart {
  readonly text: string
  readonly kind: 'same' | 'added' | 'removed'
}

export interface DiffRequest {
  readonly id: number
  readonly before: string
  readonly after: string
}

export interface DiffAnswer {
  readonly id: number
  readonly parts: readonly DiffPart[] | null
}

const waiting = new Map<number, (parts: DiffAnswer['parts']) => void>()
let worker: Worker | undefined
let count = 0

/**
 * What became of `before` in `after`, in the order of reading. Null where the two have too little
 * in common to be compared in time, or the browser gives no worker.
 */
export function wordDiff(before: string, after: string): Promise<readonly DiffPart[] | null> {
  worker ??= startWorker()
  const request: DiffRequest = { id: count++, before, after }
  return new Promise((resolve) => {
    waiting.set(request.id, resolve)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's takes none
    worker?.postMessage(request)
  })
}

function startWorker(): Worker {
  const started = new Worker(new URL('./diff-worker.ts', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<DiffAnswer>) => {
    waiting.get(data.id)?.(data.parts)
    waiting.delete(data.id)
  })
  started.addEventListener('error', () => {
    for (const resolve of waiting.values()) resolve(null)
    waiting.clear()
    worker = undefined
  })
  return started
}
