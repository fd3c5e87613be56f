import { main } from './entry.ts'
import { supervise } from './supervise.ts'

await main((settings) => supervise(settings, { page: false }))
