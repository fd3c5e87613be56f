/** A process's share of the work on questions: so many at a time, each a step at a time. */
import { DelayedError, ErrorCode, type Job, WaitingError, Worker } from 'bullmq'
import type { Log } from '../../../shared/telemetry/log.ts'
import { hostOf, isOfConnection, type Redis } from '../../redis.ts'
import type { Runs } from '../../runs.ts'
import { countQuestion, observedQuestion } from '../../telemetry/jobs.ts'
import { createLedger } from './ledger.ts'
import { nameOfKey } from './key-name.ts'
import { watchOutages } from './outages.ts'
import { workOn } from './question-work.ts'
import { QuestionData, queueName, queuePrefix } from './queue.ts'

export interface QueueWorker {
  /** Begins to take questions up. */
  begin: () => void
  /** How many are worked on. */
  underWay: () => number
  /** Whether questions can be taken up and results kept now. */
  ready: () => boolean
  /**
   * Takes up no more, and puts each question back as soon as its step in hand is over, or is cut
   * off after so many milliseconds.
   */
  end: (patienceMs: number) => Promise<void>
}

export interface QueueWorkerOptions {
  /** A connection that waits for one that broke; ended with the worker. */
  redis: Redis
  url: string
  runsOf: (tenant: string) => Runs
  cursorKeys: readonly string[]
  concurrency: number
  log: Log
  /** Tells the operator what no request would. */
  tell: (line: string) => void
  /** A question of which nobody has heard for so long is another worker's. */
  lockMs?: number
}

/** How long a question waits for a worker that can open its cursor. */
const otherKeysMs = 10_000
/** What Redis may take to hear that a worker ends. */
const farewellMs = 2000

/** Why a question is put down without a result. */
class PutDown extends Error {
  override readonly name = 'PutDown'
  readonly why: 'ending' | 'lost' | 'cancelled'

  constructor(why: PutDown['why']) {
    super(`a question was put down: ${why}`)
    this.why = why
  }
}

export async function createQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { redis, url, runsOf, cursorKeys, concurrency, log, tell, lockMs = 10_000 } = options
  const ledger = createLedger(redis)
  const ownKeys = new Set(await Promise.all(cursorKeys.map(nameOfKey)))
  const cut = new AbortController()
  let underWay = 0
  let ending = false
  let toldOfKeys = false

  function tellOfKeys(): void {
    if (toldOfKeys) return
    toldOfKeys = true
    tell(
      'questions wait, since the API seals cursors with a key that this worker has not; give both the same TPO_CURSOR_KEYS, or the same data folder (TPO_DATA_DIR)',
    )
  }

  /** Whether the question is still this worker's; then it is for another while. */
  const isOurs = async (job: Question, token: string) => (await job.extendLock(token, lockMs)) === 1

  async function work(job: Question, token: string): Promise<void> {
    const data = QuestionData.parse(job.data)
    const order = await ledger.order(data.job, data.index)
    if (order === undefined || order.cancelled) return
    if (!ownKeys.has(order.cursor_key)) {
      tellOfKeys()
      await putOff(job, token, otherKeysMs)
    }
    const { index, question, place, tries } = data
    const outcome = await workOn(
      { question: { index, question, settings: order.settings }, place, tries },
      {
        runs: runsOf(order.tenant),
        log,
        async keep(reached) {
          if (!(await isOurs(job, token))) throw new PutDown('lost')
          await job.updateData({ ...data, place: reached, tries: 0 })
        },
        async expectWanted() {
          if (ending) throw new PutDown('ending')
          if (await ledger.isCancelled(data.job)) throw new PutDown('cancelled')
        },
        signal: cut.signal,
      },
    )
    if ('result' in outcome) {
      const stands = await ledger.record(data.job, outcome.result)
      if (stands) countQuestion(outcome.result)
      return
    }
    await job.updateData({ ...job.data, tries: outcome.tries })
    await putOff(job, token, outcome.waitMs)
  }

  async function takeUp(job: Question, token = ''): Promise<void> {
    underWay += 1
    // Redis may be away for a moment; whether the question was lost is seen after the step.
    const pulse = setInterval(() => void isOurs(job, token).catch(() => undefined), lockMs / 3)
    try {
      await observedQuestion(job.data, () => work(job, token))
    } catch (error) {
      if (error instanceof PutDown) await putDown(job, token, error.why)
      else if (error === cut.signal.reason) await putDown(job, token, 'ending')
      else {
        if (isOurFault(error)) log.error('a question was put back', error)
        throw error
      }
    } finally {
      clearInterval(pulse)
      underWay -= 1
    }
  }

  /** Whether an error is told: not those of BullMQ's own protocol, of an outage, or of a lock that was lost in one. */
  const isOurFault = (error: unknown) =>
    !(error instanceof WaitingError || error instanceof DelayedError) &&
    !(error instanceof Error && (isOfConnection(error) || isLostLock(error))) &&
    !outages.now()

  const worker = new Worker<QuestionData, void>(queueName, takeUp, {
    connection: redis,
    prefix: queuePrefix,
    autorun: false,
    concurrency,
    lockDuration: lockMs,
    // Its own way loses count where a process takes the same question up twice.
    skipLockRenewal: true,
    stalledInterval: lockMs / 2,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: 1000,
  })
  const outages = watchOutages({
    redis,
    tell: (what) => tell(`Redis at ${hostOf(url)} ${what}`),
    // What it refuses is not asked for again at once.
    began: () => worker.pause(true),
    over: () => (ending ? undefined : worker.resume()),
  })
  worker.on('error', (error) => {
    // What is lost while Redis is away, or this process stands still, another takes up.
    if (isLostLock(error) || ending) return
    if (isOurFault(error)) log.error('the queue of jobs failed', error)
    outages.begin()
  })

  return {
    begin: () => void worker.run().catch((error: unknown) => log.error('the worker ended', error)),
    underWay: () => underWay,
    ready: () => redis.isReady && !outages.now() && !ending,
    async end(patienceMs) {
      ending = true
      const cutOff = setTimeout(() => cut.abort(), patienceMs)
      // Where Redis is away, nothing can be handed back, and others notice by themselves.
      const longest = (redis.isReady ? patienceMs : 0) + farewellMs
      await Promise.race([worker.close(), new Promise((over) => setTimeout(over, longest))])
      clearTimeout(cutOff)
      redis.destroy()
    },
  }
}

type Question = Job<QuestionData>

async function putOff(job: Question, token: string, waitMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + waitMs, token)
  throw new DelayedError()
}

async function putDown(job: Question, token: string, why: PutDown['why']): Promise<void> {
  if (why === 'cancelled') return
  if (why === 'ending') await job.moveToWait(token)
  throw new WaitingError()
}

const isLostLock = (error: Error) =>
  'code' in error &&
  [ErrorCode.JobLockNotExist, ErrorCode.JobLockMismatch, ErrorCode.JobNotExist].some(
    (code) => code === error.code,
  )
