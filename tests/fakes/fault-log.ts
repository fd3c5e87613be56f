import type { Log } from '../../shared/telemetry/log.ts'

/** A log that keeps the faults it is told, for tests that expect none. */
export const faultLog = (faults: unknown[]): Log => ({
  level: 'error',
  info: () => undefined,
  error: (_, error) => void faults.push(error),
})
