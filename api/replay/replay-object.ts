/** One key of the replay store on Cloudflare Workers: a Durable Object, of which there is one in the world. */
import { DurableObject } from 'cloudflare:workers'
import type { ReplayStub } from './object-store.ts'

interface Claim {
  owner: string
  until: number
}

interface Head {
  parts: number
  until: number
}

/** A stored value may have 2 MB, and a character takes two bytes at most. */
const partLength = 500_000

/** Its methods do not overlap where they touch storage: the runtime's gates see to that. */
export class ReplayObject extends DurableObject implements ReplayStub {
  async claim(owner: string, lease: number): Promise<boolean> {
    const { storage } = this.ctx
    if ((await this.read()) !== undefined) return false
    const held = await storage.get<Claim>('claim')
    if (held !== undefined && held.owner !== owner && held.until > Date.now()) return false
    const until = Date.now() + lease
    await storage.put({ claim: { owner, until } satisfies Claim })
    if ((await storage.getAlarm()) === null) await storage.setAlarm(until)
    return true
  }

  async complete(answer: string, lifetime: number): Promise<string> {
    const first = await this.read()
    if (first !== undefined) return first
    const { storage } = this.ctx
    const parts = Array.from({ length: Math.ceil(answer.length / partLength) }, (_, index) =>
      answer.slice(index * partLength, (index + 1) * partLength),
    )
    const until = Date.now() + lifetime
    await storage.deleteAll()
    await storage.put({
      answer: { parts: parts.length, until } satisfies Head,
      ...Object.fromEntries(parts.map((part, index) => [partName(index), part])),
    })
    await storage.setAlarm(until)
    return answer
  }

  async release(owner: string): Promise<void> {
    const held = await this.ctx.storage.get<Claim>('claim')
    if (held?.owner === owner) await this.ctx.storage.deleteAll()
  }

  async read(): Promise<string | undefined> {
    const head = await this.ctx.storage.get<Head>('answer')
    if (head === undefined || head.until <= Date.now()) return undefined
    const names = Array.from({ length: head.parts }, (_, index) => partName(index))
    const parts = await this.ctx.storage.get<string>(names)
    return names.map((name) => parts.get(name) ?? '').join('')
  }

  /** Forgets what is over; an object without anything stored no longer exists. */
  async alarm(): Promise<void> {
    const { storage } = this.ctx
    const claim = await storage.get<Claim>('claim')
    const answer = await storage.get<Head>('answer')
    const until = Math.max(claim?.until ?? 0, answer?.until ?? 0)
    await (until > Date.now() ? storage.setAlarm(until) : storage.deleteAll())
  }
}

const partName = (index: number) => `part ${index}`
