/** The line before the devices: sequences of all callers, scored in batches. */
import { InferenceError } from '../errors.ts'
import { QueueFullError } from '../runtime/queue.ts'
import type { Target } from '../runtime/target.ts'
import { type Batch, type Batching, chooseBatch } from './batch.ts'
import type { Device, Scored } from './device.ts'
import type { Sequence } from './packing.ts'

export interface ScoredGroup {
  /** Logits [labels] of each sequence, in order. */
  logits: Float32Array[]
  /** Milliseconds from the call to the begin of its first batch, and from there to its last end. */
  timing: { queue: number; model: number }
}

/** What a batch was. */
export interface BatchReport {
  device: string
  target: Target
  /** The calls of `score` whose sequences it held, as `onCall` told of them. */
  calls: readonly object[]
  sequences: number
  /** Tokens computed, shared ones once, and those of all sequences together. */
  tokens: number
  sequenceTokens: number
  /** By so many positions attention pads the sequences. */
  paddedTokens: number
  /** When the device was given it, and when it was done with it, by `performance.now()`. */
  began: number
  ended: number
}

export interface FinishedBatch extends BatchReport {
  /** Duration of the forward pass. */
  seconds: number
}

/** Hears of the line and its batches. */
export interface LineEvents {
  /** A call of `score` joins the line; told inside that call. The object stands for it in reports. */
  onCall: (call: object) => void
  onBatch: (report: FinishedBatch) => void
  /** Its sequences are tried again, one by one, unless they have been. */
  onFailedBatch: (report: BatchReport, error: unknown) => void
}

export interface Scorer {
  /**
   * Scores the sequences of one caller. Rejects with a `QueueFullError` when too much is waiting,
   * with the signal's reason when the caller leaves, and with an `InferenceError` when a sequence
   * could not be computed, a second time and alone (fault `worker`, or `ended` where the process
   * ended), or when no device is left (`ended`).
   */
  score: (sequences: readonly Sequence[], signal: AbortSignal) => Promise<ScoredGroup>
  /** Sequences that wait for a batch. */
  waiting: () => number
}

export interface ScorerOptions {
  devices: readonly Device[]
  batching: Batching
  /** Sequences that may wait; one caller's may be more when nobody else waits. */
  maxWaiting: number
  events: Partial<LineEvents>
}

interface Caller {
  joined: number
  logits: Float32Array[]
  left: number
  began: number
  done: (group: ScoredGroup) => void
  fail: (error: unknown) => void
}

interface Task extends Sequence {
  caller: Caller
  index: number
  /** After a failure: its batch is tried again one by one, so that only the culprit's caller hears of it. */
  again: boolean
}

/** Also returns `dispatch`, to be called when a device has become ready. */
export function createScorer(options: ScorerOptions): Scorer & { dispatch: () => void } {
  const { devices, batching, maxWaiting, events } = options
  const running = new Map<Device, Batch<Task>[]>(devices.map((device) => [device, []]))
  let waiting: Task[] = []

  const take = (): Batch<Task> | undefined => {
    const [oldest] = waiting
    if (oldest === undefined) return undefined
    const batch = chooseBatch(
      oldest.again ? [oldest] : waiting.filter(({ again }) => !again),
      batching,
    )
    const taken = new Set(batch.members)
    waiting = waiting.filter((task) => !taken.has(task))
    return batch
  }

  /** An idle device takes what there is, a busy one its next batch ahead. */
  const dispatch = () => {
    if (devices.every((device) => device.state() === 'ended')) {
      const left = waiting
      waiting = []
      for (const { caller } of left) caller.fail(new InferenceError('ended', 'no device is left'))
    }
    for (const ahead of [false, true]) {
      for (const device of devices) {
        if (device.state() !== 'ready' || !isFree(device, ahead)) continue
        const batch = take()
        if (batch !== undefined) void run(device, batch)
      }
    }
  }
  const isFree = (device: Device, ahead: boolean) => {
    const batches = running.get(device) ?? []
    if (!ahead) return batches.length === 0
    if (batches.length !== 1 || !manyWait()) return false
    // What may have killed a process stays alone there, or its neighbour would die with it.
    return ![waiting[0], batches[0]?.members[0]].some((task) => task?.again)
  }
  /** The next batch is full: none who comes later could still join it. */
  const manyWait = () => {
    let tokens = 0
    for (const { ids } of waiting) {
      tokens += ids.length
      if (tokens > 2 * batching.tokens) return true
    }
    return waiting.length > 2 * batching.sequences
  }

  const run = async (device: Device, batch: Batch<Task>) => {
    const { members, packed } = batch
    const batches = running.get(device) ?? []
    batches.push(batch)
    const began = performance.now()
    try {
      const scored = await device.run(packed)
      settle(members, scored)
      events.onBatch?.({ ...reportOf(device, batch, began), seconds: scored.seconds })
    } catch (error) {
      events.onFailedBatch?.(reportOf(device, batch, began), error)
      const retried: Task[] = []
      for (const task of members) {
        if (task.again) task.caller.fail(error)
        else if (task.caller.left > 0) retried.push(task)
        task.again = true
      }
      waiting = [...retried, ...waiting]
    } finally {
      batches.splice(batches.indexOf(batch), 1)
      dispatch()
    }
  }

  const reportOf = (device: Device, { members, packed }: Batch<Task>, began: number) => {
    const sequenceTokens = packed.lengths.reduce((sum, length) => sum + length, 0)
    const positions =
      packed.kind === 'gathered' && batching.padded ? packed.sequenceTokens.length : sequenceTokens
    return {
      device: device.name,
      target: device.target,
      calls: [...new Set(members.map(({ caller }) => caller))],
      sequences: members.length,
      tokens: packed.ids.length,
      sequenceTokens,
      paddedTokens: positions - sequenceTokens,
      began,
      ended: performance.now(),
    }
  }

  return {
    dispatch,
    waiting: () => waiting.length,

    async score(sequences, signal) {
      signal.throwIfAborted()
      if (sequences.length === 0) return { logits: [], timing: { queue: 0, model: 0 } }
      if (waiting.length > 0 && waiting.length + sequences.length > maxWaiting) {
        throw new QueueFullError(waiting.length, 'sequences')
      }
      const { promise, resolve, reject } = Promise.withResolvers<ScoredGroup>()
      const leave = () => {
        caller.left = 0
        waiting = waiting.filter((task) => task.caller !== caller)
      }
      const caller: Caller = {
        joined: performance.now(),
        logits: [],
        left: sequences.length,
        began: Infinity,
        done: resolve,
        fail(error) {
          leave()
          reject(error)
        },
      }
      const abort = () => caller.fail(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      for (const [index, { ids, reads }] of sequences.entries()) {
        waiting.push({ ids, reads, caller, index, again: false })
      }
      events.onCall?.(caller)
      dispatch()
      return promise.finally(() => signal.removeEventListener('abort', abort))
    },
  }
}

function settle(members: readonly Task[], { logits, seconds }: Scored): void {
  const now = performance.now()
  const width = logits.length / members.length
  for (const [place, { caller, index }] of members.entries()) {
    if (caller.left === 0) continue
    caller.logits[index] = logits.subarray(place * width, (place + 1) * width)
    caller.began = Math.min(caller.began, now - 1000 * seconds)
    caller.left--
    if (caller.left > 0) continue
    const began = Math.max(caller.began, caller.joined)
    const timing = { queue: began - caller.joined, model: now - began }
    caller.done({ logits: caller.logits, timing })
  }
}
