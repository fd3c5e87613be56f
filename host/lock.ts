/** One process at a time; the others wait. */
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const Owner = z.object({ pid: z.number().int(), host: z.string() })

const lookMilliseconds = 100
const touchMilliseconds = 5000
/** An owner on another machine that has not touched its lock for so long is gone. */
const forgottenMilliseconds = 60_000

/**
 * Does `work` while no other process does work under this file, `waiting` being called once if
 * that takes a wait. The lock of a process that died is taken over. Two that take one over in
 * the same instant may both work: that must cost time only, not correctness.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  waiting: () => void,
): Promise<T> {
  const owner = JSON.stringify({ pid: process.pid, host: hostname() })
  await mkdir(dirname(file), { recursive: true })
  let waits = false
  while (!(await create(file, owner))) {
    if (await isAbandoned(file)) {
      await rm(file, { force: true })
      continue
    }
    if (!waits) waiting()
    waits = true
    await sleep(lookMilliseconds)
  }
  const touch = () => {
    const now = new Date()
    utimes(file, now, now).catch(() => undefined)
  }
  const timer = setInterval(touch, touchMilliseconds).unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text === owner) await rm(file, { force: true })
  }
}

async function create(file: string, owner: string): Promise<boolean> {
  try {
    await writeFile(file, owner, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const [text, found] = await Promise.all([
    readFile(file, 'utf8').catch(() => ''),
    stat(file).catch(() => undefined),
  ])
  if (found === undefined) return false
  if (Date.now() - found.mtimeMs > forgottenMilliseconds) return true
  const owner = Owner.safeParse(parse(text))
  return owner.success && owner.data.host === hostname() && !isAlive(owner.data.pid)
}

/** Undefined for the moment in which a lock is there but not yet written. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
