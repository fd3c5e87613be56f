/** What we use of Cloudflare's runtime; its own types clash with those of Node and the DOM. */
declare module 'cloudflare:workers' {
  export interface DurableObjectStorage {
    get<T>(key: string): Promise<T | undefined>
    get<T>(keys: string[]): Promise<Map<string, T>>
    put(entries: Record<string, unknown>): Promise<void>
    deleteAll(): Promise<void>
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
  export abstract class DurableObject {
    protected readonly ctx: { readonly storage: DurableObjectStorage }
  }
  export const env: Readonly<Record<string, unknown>>
}
