import { main } from './entry.ts'
import { supervise } from './supervise.ts'

// It ends with a command, and jobs do not.
await main((settings) => supervise({ ...settings, queue_url: undefined }, { page: false }))
