/** The replay store on Cloudflare Workers: one Durable Object per key. */
import type { ReplayStore } from './store.ts'

/** What `ReplayObject` answers to. */
export interface ReplayStub {
  claim: (owner: string, lease: number) => Promise<boolean>
  complete: (answer: string, lifetime: number) => Promise<string>
  release: (owner: string) => Promise<void>
  read: () => Promise<string | undefined>
}

/** The Worker's binding to them. */
export interface ReplayNamespace {
  getByName: (name: string) => ReplayStub
}

export const isNamespace = (binding: unknown): binding is ReplayNamespace =>
  binding instanceof Object && 'getByName' in binding

export function createObjectStore(namespace: ReplayNamespace): ReplayStore {
  return {
    claim: (key, owner, lease) => namespace.getByName(key).claim(owner, lease),
    complete: (key, answer, lifetime) => namespace.getByName(key).complete(answer, lifetime),
    release: (key, owner) => namespace.getByName(key).release(owner),
    read: (key) => namespace.getByName(key).read(),
  }
}
