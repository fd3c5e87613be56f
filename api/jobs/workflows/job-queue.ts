/** The one Durable Object that knows all jobs, begins their questions, and looks after those under way. */
import { DurableObject, type DurableObjectContext } from 'cloudflare:workers'
import type { Job } from '../../../shared/jobs.ts'
import type { Settings } from '../../../shared/settings.ts'
import { problem } from '../../../shared/problems.ts'
import type { Log } from '../../../shared/telemetry/log.ts'
import { edgeLog, type EdgeEnvironment, edgeSettings } from '../../edge-environment.ts'
import { failed } from '../question.ts'
import { type JobBindings, jobBindings } from './bindings.ts'
import {
  createInstances,
  instanceId,
  isOver,
  statusOf,
  terminateInstance,
  wakeInstance,
} from './instances.ts'
import { type Ledger, openLedger, type UnderWay } from './ledger.ts'
import { parseOrder } from './order.ts'
import type { NewJob, QueueStub } from './queue.ts'
import { deleteResults, keepResult, type Outcome, outcomeKept } from './results.ts'

/** How often a question under way is looked at; most need it never. */
const lookEveryMs = 60_000
const soonMs = 1000
/** How many are looked at before others get a word in. */
const mostLooks = 50
const dayMs = 86_400_000

export class JobQueue extends DurableObject implements QueueStub {
  readonly #bindings: JobBindings
  readonly #settings: Settings
  readonly #log: Log
  readonly #ledger: Ledger
  /**
   * When instances were last begun or looked at, while this object has been in memory. One that is
   * not known here was begun before this process: perhaps by one that was killed together with it.
   */
  readonly #seen = new Map<string, number>()

  constructor(ctx: DurableObjectContext, env: EdgeEnvironment) {
    super(ctx, env)
    const bindings = jobBindings(env)
    if (bindings === undefined) throw new Error('the bindings of jobs are incomplete')
    this.#bindings = bindings
    this.#settings = edgeSettings(env)
    this.#log = edgeLog(this.#settings)
    this.#ledger = openLedger(ctx.storage)
    ctx.blockConcurrencyWhile(() => this.#wakeAt(soonMs))
  }

  async submit(job: NewJob): Promise<{ standing: Job; digest: string }> {
    const name = `${job.key}-${crypto.randomUUID().slice(0, 8)}`
    const expires = Date.now() + this.#settings.job_days * dayMs
    const submitted = this.#ledger.submit(job, name, expires)
    await this.#begin()
    return submitted
  }

  async find(key: string): Promise<Job | undefined> {
    return this.#ledger.find(key)
  }

  async nameOf(key: string): Promise<string | undefined> {
    return this.#ledger.nameOf(key)
  }

  async cancel(key: string): Promise<Job | undefined> {
    const job = this.#ledger.nameOf(key)
    this.#ledger.cancel(key)
    await this.#lookAfter(this.#ledger.underWay().filter((one) => one.job === job))
    await this.#begin()
    await this.#wakeAt(soonMs)
    return this.#ledger.find(key)
  }

  async order(job: string, index: number): Promise<string | undefined> {
    return this.#ledger.order(job, index)
  }

  async ended(job: string, index: number, outcome: Outcome): Promise<void> {
    this.#ledger.end(job, index, outcome)
    await this.#begin()
  }

  /** Never fails: a runtime gives an alarm up that fails too often. */
  async alarm(): Promise<void> {
    await this.#expire()
    const due = this.#due()
    await this.#lookAfter(due)
    await this.#begin()
    await this.#wakeAt(due.length > mostLooks ? soonMs : lookEveryMs)
  }

  /** Begins waiting questions, as many as may be under way. Those of which it fails are looked after. */
  async #begin(): Promise<void> {
    const begun = this.#ledger.begin(this.#settings.job_concurrency)
    if (begun.length === 0) return
    for (const one of begun) this.#seen.set(instanceId(one), Date.now())
    try {
      await createInstances(this.#bindings.instances, begun)
    } catch (error) {
      this.#log.error('questions of a job could not be begun', error)
      for (const one of begun) this.#seen.delete(instanceId(one))
    }
    await this.#wakeAt(lookEveryMs)
  }

  /** Those that were not looked at for long. */
  #due(): UnderWay[] {
    const before = Date.now() - lookEveryMs
    return this.#ledger
      .underWay()
      .filter((one) => one.cancelled || (this.#seen.get(instanceId(one)) ?? 0) <= before)
  }

  async #lookAfter(questions: readonly UnderWay[]): Promise<void> {
    for (const one of questions.slice(0, mostLooks)) {
      try {
        await this.#look(one)
        this.#seen.set(instanceId(one), Date.now())
      } catch (error) {
        this.#log.error('a question of a job could not be looked after', error)
      }
    }
    const underWay = new Set(this.#ledger.underWay().map(instanceId))
    for (const id of this.#seen.keys()) if (!underWay.has(id)) this.#seen.delete(id)
  }

  async #look(question: UnderWay): Promise<void> {
    const { instances } = this.#bindings
    const id = instanceId(question)
    if (question.cancelled) {
      await terminateInstance(instances, id)
      return this.#settle(question)
    }
    const status = await statusOf(instances, id)
    if (status === 'missing') return createInstances(instances, [question])
    if (isOver(status)) return this.#settle(question, status)
    if (!this.#seen.has(id)) await wakeInstance(instances, id)
  }

  /** A question whose instance has ended without a word. */
  async #settle({ job, index, cancelled }: UnderWay, status = 'terminated'): Promise<void> {
    const { bucket } = this.#bindings
    const kept = await outcomeKept(bucket, job, index)
    if (kept !== undefined) return this.#ledger.end(job, index, kept)
    if (cancelled) return this.#ledger.drop(job, index)
    const order = parseOrder(this.#ledger.order(job, index))
    if (order === undefined) return this.#ledger.drop(job, index)
    const reason = problem(
      'internal',
      `Cloudflare Workflows ended the work on this question (${status}); ${instanceId({ job, index })} says there why. Submit it again.`,
    )
    this.#ledger.end(job, index, await keepResult(bucket, job, failed(order, null, reason)))
  }

  /** Deletes jobs that are too old, with their results; those of which something is under way end before. */
  async #expire(): Promise<void> {
    try {
      for (const { key, job, total, underWay } of this.#ledger.expired(Date.now())) {
        this.#ledger.cancel(key)
        if (underWay > 0) continue
        await deleteResults(this.#bindings.bucket, job, total)
        this.#ledger.delete(job)
      }
    } catch (error) {
      this.#log.error('old jobs could not be deleted', error)
    }
  }

  /** Sees to it that the alarm comes after so long at the latest, if there is anything to look after. */
  async #wakeAt(afterMs: number): Promise<void> {
    const { storage } = this.ctx
    const expiry = this.#ledger.nextExpiry()
    if (expiry === undefined) return
    const look = this.#ledger.isIdle() ? Infinity : Date.now() + afterMs
    const at = Math.max(Date.now() + soonMs, Math.min(look, expiry))
    const alarm = await storage.getAlarm()
    if (alarm === null || alarm > at) await storage.setAlarm(at)
  }
}
