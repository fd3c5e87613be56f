const graceMs = 500

/**
 * Aborts on the first Ctrl-C (or a request to end), so that the caller can still print or finish
 * what is in hand; a later one exits at once. npm passes one Ctrl-C on a second time, which the
 * grace period swallows.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const interrupt = () => {
    if (!controller.signal.aborted) {
      first = Date.now()
      controller.abort()
    } else if (Date.now() - first > graceMs) process.exit(130)
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  // Nobody reads on, as after `tpo run … | head`.
  process.stdout.on('error', () => controller.abort())
  return controller.signal
}
