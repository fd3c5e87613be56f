/** One Ctrl-C can come twice: from the terminal and from npm. Later than this it is another one. */
const sameSignalMilliseconds = 1000

/** Calls `stop` at the first SIGINT or SIGTERM, and `end` at the next. */
export function onStopSignals(stop: () => void, end: () => void): void {
  let first: number | undefined
  const hear = () => {
    const now = performance.now()
    if (first === undefined) {
      first = now
      stop()
    } else if (now - first > sameSignalMilliseconds) end()
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
}
