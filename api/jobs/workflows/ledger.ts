/** What is known of all jobs, in the tables of a Durable Object. */
import type { Job } from '../../../shared/jobs.ts'
import type { InstanceParams } from './instances.ts'
import type { NewJob } from './queue.ts'
import type { Outcome } from './results.ts'

/** A value may have 2 MB. */
const partBytes = 1_000_000

/** The place of the settings among the texts of questions. */
const settingsPlace = -1

interface JobRow {
  job: string
  id: string
  digest: string
  created_at: string
  total: number
  done: number
  failed: number
  cancelled: 0 | 1
}

export interface UnderWay extends InstanceParams {
  cancelled: boolean
}

type Value = string | number | Uint8Array

/** A Durable Object's. */
interface Storage {
  sql: { exec: <Row>(statement: string, ...values: Value[]) => { toArray: () => Row[] } }
  transactionSync: <T>(work: () => T) => T
}

export type Ledger = ReturnType<typeof openLedger>

export function openLedger(storage: Storage) {
  const { sql } = storage
  const transaction = <T>(work: () => T): T => storage.transactionSync(work)
  // Of the questions that wait, the job knows the first; those that have ended are in the bucket.
  sql.exec(`
    CREATE TABLE IF NOT EXISTS jobs (
      key TEXT PRIMARY KEY,
      job TEXT NOT NULL UNIQUE,
      id TEXT NOT NULL,
      tenant TEXT NOT NULL,
      digest TEXT NOT NULL,
      created_at TEXT NOT NULL,
      expires INTEGER NOT NULL,
      total INTEGER NOT NULL,
      next INTEGER NOT NULL DEFAULT 0,
      done INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      cancelled INTEGER NOT NULL DEFAULT 0,
      turn INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS waiting ON jobs (turn) WHERE next < total;
    CREATE INDEX IF NOT EXISTS expiring ON jobs (expires);
    CREATE TABLE IF NOT EXISTS under_way (job TEXT, place INTEGER, PRIMARY KEY (job, place));
    CREATE TABLE IF NOT EXISTS texts (
      job TEXT, place INTEGER, part INTEGER, bytes BLOB, PRIMARY KEY (job, place, part)
    );
  `)

  function writeText(job: string, place: number, text: string): void {
    const bytes = new TextEncoder().encode(text)
    for (let at = 0, part = 0; at < bytes.length; at += partBytes, part++) {
      const some = bytes.subarray(at, at + partBytes)
      sql.exec('INSERT INTO texts VALUES (?, ?, ?, ?)', job, place, part, some)
    }
  }

  function readText(job: string, place: number): string | undefined {
    const rows = sql
      .exec<{ bytes: ArrayBuffer }>(
        'SELECT bytes FROM texts WHERE job = ? AND place = ? ORDER BY part',
        job,
        place,
      )
      .toArray()
    if (rows.length === 0) return undefined
    const decoder = new TextDecoder()
    return (
      rows.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join('') + decoder.decode()
    )
  }

  const rowOf = (key: string) =>
    sql.exec<JobRow>('SELECT * FROM jobs WHERE key = ?', key).toArray()[0]

  function find(key: string): Job | undefined {
    const row = rowOf(key)
    return row === undefined ? undefined : toJob(row)
  }

  const count = () =>
    sql.exec<{ count: number }>('SELECT count(*) AS count FROM under_way').toArray()[0]?.count ?? 0

  /** The next question that waits, of the job whose turn it is. */
  function beginNext(): InstanceParams | undefined {
    const row = sql
      .exec<{ job: string; tenant: string; next: number }>(
        'SELECT job, tenant, next FROM jobs WHERE next < total ORDER BY turn LIMIT 1',
      )
      .toArray()[0]
    if (row === undefined) return undefined
    const { job, tenant, next: index } = row
    sql.exec(
      `UPDATE jobs SET turn = (SELECT max(turn) + 1 FROM jobs WHERE next < total), next = next + 1
       WHERE job = ?`,
      job,
    )
    sql.exec('INSERT INTO under_way VALUES (?, ?)', job, index)
    return { job, tenant, index }
  }

  /** Forgets a question; whether it was under way. */
  function leave(job: string, index: number): boolean {
    const left = sql.exec(
      'DELETE FROM under_way WHERE job = ? AND place = ? RETURNING place',
      job,
      index,
    )
    if (left.toArray().length === 0) return false
    sql.exec('DELETE FROM texts WHERE job = ? AND place = ?', job, index)
    return true
  }

  return {
    find,

    nameOf: (key: string): string | undefined => rowOf(key)?.job,

    /** Writes a job down, or gives the one that has the key. */
    submit(job: NewJob, name: string, expires: number): { standing: Job; digest: string } {
      return transaction(() => {
        const { key, id, tenant, digest, created_at, questions, settings } = job
        if (rowOf(key) === undefined) {
          sql.exec(
            `INSERT INTO jobs (key, job, id, tenant, digest, created_at, expires, total)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
            key,
            name,
            id,
            tenant,
            digest,
            created_at,
            expires,
            questions.length,
          )
          writeText(name, settingsPlace, settings)
          for (const [place, text] of questions.entries()) writeText(name, place, text)
        }
        const row = rowOf(key)
        if (row === undefined) throw new Error('a job that was just written is not there')
        return { standing: toJob(row), digest: row.digest }
      })
    },

    /** As JSON; undefined once the question has ended. */
    order(job: string, index: number): string | undefined {
      const question = readText(job, index)
      const settings = readText(job, settingsPlace)
      if (question === undefined || settings === undefined) return undefined
      return `{"index":${index},"question":${question},"settings":${settings}}`
    },

    /** Notes the next questions as under way, until there are so many. */
    begin(most: number): InstanceParams[] {
      return transaction(() => {
        const begun: InstanceParams[] = []
        for (let free = most - count(); free > 0; free--) {
          const next = beginNext()
          if (next === undefined) break
          begun.push(next)
        }
        return begun
      })
    },

    /** Counts a question that has a result; a second time it is none. */
    end(job: string, index: number, outcome: Outcome): void {
      transaction(() => {
        if (leave(job, index))
          sql.exec(`UPDATE jobs SET ${outcome} = ${outcome} + 1 WHERE job = ?`, job)
      })
    },

    /** Drops a question without a result. */
    drop: (job: string, index: number): void => transaction(() => void leave(job, index)),

    /** Begins no more of a job's questions. */
    cancel(key: string): void {
      transaction(() => {
        sql.exec(
          `UPDATE jobs SET cancelled = 1, next = total
           WHERE key = ? AND done + failed < total`,
          key,
        )
        sql.exec(
          `DELETE FROM texts WHERE job = (SELECT job FROM jobs WHERE key = ? AND cancelled = 1)
           AND place NOT IN (SELECT place FROM under_way WHERE under_way.job = texts.job)`,
          key,
        )
      })
    },

    isIdle: (): boolean => count() === 0,

    underWay(): UnderWay[] {
      return sql
        .exec<InstanceParams & { cancelled: 0 | 1 }>(
          'SELECT job, tenant, place AS "index", cancelled FROM under_way JOIN jobs USING (job)',
        )
        .toArray()
        .map(({ job, tenant, index, cancelled }) => ({
          job,
          tenant,
          index,
          cancelled: cancelled === 1,
        }))
    },

    /** Jobs that are to be deleted. */
    expired(now: number): { key: string; job: string; total: number; underWay: number }[] {
      return sql
        .exec<{ key: string; job: string; total: number; underWay: number }>(
          `SELECT key, job, total,
             (SELECT count(*) FROM under_way WHERE under_way.job = jobs.job) AS underWay
           FROM jobs WHERE expires <= ? LIMIT 10`,
          now,
        )
        .toArray()
    },

    /** When the next job is to be deleted. */
    nextExpiry(): number | undefined {
      const row = sql
        .exec<{ at: number | null }>('SELECT min(expires) AS at FROM jobs')
        .toArray()[0]
      return row?.at ?? undefined
    },

    delete(job: string): void {
      transaction(() => {
        for (const table of ['jobs', 'texts', 'under_way']) {
          sql.exec(`DELETE FROM ${table} WHERE job = ?`, job)
        }
      })
    },
  }
}

function toJob({ id, created_at, total, done, failed, cancelled }: JobRow): Job {
  const status = cancelled === 1 ? 'cancelled' : done + failed === total ? 'finished' : 'running'
  return { id, status, questions: { total, done, failed }, created_at }
}
