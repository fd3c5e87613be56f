/** Loaded before a program: tells its parent, at its end, the most its heap held after a collection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

let most = 0
setInterval(() => {
  collectGarbage()
  most = Math.max(most, process.memoryUsage().heapUsed)
}, 500).unref()

process.once('exit', () =>
  process.send?.({ heap: most, rss: process.resourceUsage().maxRSS * 1024 }),
)
// The channel alone would keep it running.
process.channel?.unref()
