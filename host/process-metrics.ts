/** What a process tells of itself, by the names that prom-client gave it and dashboards know. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { observed } from '../shared/telemetry/measured.ts'
import { metric } from '../shared/telemetry/names.ts'

const startTime = Date.now() / 1000 - process.uptime()

const gauge = (name: string, description: string, read: () => number) =>
  observed(name, { of: 'gauge', description }, () => [[read()]])
const seconds = (name: string, description: string, microseconds: () => number) =>
  observed(name, { of: 'counter', description }, () => [[microseconds() / 1e6]])

export function observeProcess(): void {
  const { cpuUsage, memoryUsage } = process
  seconds(metric.cpuUser, 'Seconds of user time', () => cpuUsage().user)
  seconds(metric.cpuSystem, 'Seconds of system time', () => cpuUsage().system)
  seconds(metric.cpu, 'Seconds of user and system time', () => {
    const { user, system } = cpuUsage()
    return user + system
  })
  gauge(metric.startTime, 'When the process began, in seconds since the epoch', () => startTime)
  gauge(metric.residentMemory, 'Bytes in memory', () => memoryUsage.rss())
  gauge(metric.heapTotal, 'Bytes of the heap', () => memoryUsage().heapTotal)
  gauge(metric.heapUsed, 'Bytes of the heap in use', () => memoryUsage().heapUsed)
  gauge(metric.external, 'Bytes outside the heap', () => memoryUsage().external)
  observed(metric.version, { of: 'gauge', description: 'Of Node' }, () => {
    const [major = '', minor = '', patch = ''] = process.versions.node.split('.')
    return [[1, { version: process.version, major, minor, patch }]]
  })
  observeLag()
}

function observeLag(): void {
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const parts = [
    [metric.lagMin, 'Least', () => lag.min],
    [metric.lagMax, 'Most', () => lag.max],
    [metric.lagMean, 'Mean of the', () => lag.mean],
    [metric.lagStddev, 'Standard deviation of the', () => lag.stddev],
    [metric.lagP50, 'Median of the', () => lag.percentile(50)],
    [metric.lagP90, '90th percentile of the', () => lag.percentile(90)],
    [metric.lagP99, '99th percentile of the', () => lag.percentile(99)],
  ] as const
  let read = false
  for (const [name, which, nanoseconds] of parts) {
    const description = `${which} seconds between two timers 10 ms apart, since it was last asked`
    observed(name, { of: 'gauge', description }, () => {
      if (lag.count === 0) return []
      // All parts are read at once, then it begins anew.
      if (!read) queueMicrotask(begin)
      read = true
      return [[nanoseconds() / 1e9]]
    })
  }
  const begin = () => {
    read = false
    lag.reset()
  }
}
