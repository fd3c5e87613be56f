/** What we use of Cloudflare's runtime; its own types clash with those of Node and the DOM. */
declare module 'cloudflare:workers' {
  export interface SqlStorage {
    exec<Row>(
      statement: string,
      ...values: (string | number | Uint8Array)[]
    ): { toArray: () => Row[] }
  }
  export interface DurableObjectStorage {
    get<T>(key: string): Promise<T | undefined>
    get<T>(keys: string[]): Promise<Map<string, T>>
    put(entries: Record<string, unknown>): Promise<void>
    deleteAll(): Promise<void>
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
    readonly sql: SqlStorage
    transactionSync<T>(work: () => T): T
  }
  export interface DurableObjectContext {
    readonly storage: DurableObjectStorage
    blockConcurrencyWhile(work: () => Promise<void>): void
  }
  type Environment = Readonly<Record<string, unknown>>
  export abstract class DurableObject {
    constructor(ctx: DurableObjectContext, env: Environment)
    protected readonly ctx: DurableObjectContext
    protected readonly env: Environment
  }

  export interface WorkflowEvent {
    readonly payload: unknown
  }
  export interface WorkflowStepConfig {
    retries: { limit: number; delay: number; backoff: 'exponential' }
    timeout: string
  }
  export interface WorkflowStep {
    do<T>(
      name: string,
      config: WorkflowStepConfig,
      work: (context: { attempt: number }) => Promise<T>,
    ): Promise<T>
  }
  export abstract class WorkflowEntrypoint {
    abstract run(event: WorkflowEvent, step: WorkflowStep): Promise<void>
  }
  export const env: Environment
}
