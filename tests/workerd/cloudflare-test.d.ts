/** What we use of Cloudflare's test runtime; its own types want all of Cloudflare's. */
declare module 'cloudflare:test' {
  interface Modifier {
    disableRetryDelays: () => Promise<void>
    mockStepError: (step: { name: string }, error: Error) => Promise<void>
  }
  interface Introspector extends AsyncDisposable {
    modifyAll: (change: (modifier: Modifier) => Promise<void>) => Promise<void>
    get: () => Promise<{ waitForStatus: (status: string) => Promise<void> }[]>
  }
  /** Of the instances that are created from now on. */
  export function introspectWorkflow(workflow: unknown): Promise<Introspector>
  /** Ends the object in memory; the next call begins it anew. */
  export function evictDurableObject(stub: unknown): Promise<void>
  export function runDurableObjectAlarm(stub: unknown): Promise<boolean>
  export function runInDurableObject<T>(
    stub: unknown,
    work: (
      object: unknown,
      state: { storage: import('cloudflare:workers').DurableObjectStorage },
    ) => T,
  ): Promise<T>
}
