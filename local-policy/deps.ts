import type { ChatModel } from '../inference/chat-model.ts'

/** Where faults of this service are told. */
export type Log = (message: string, error: unknown) => void

export interface AppDeps {
  model: ChatModel
  log: Log
}
