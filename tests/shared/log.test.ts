import { expect, test } from 'vitest'
import { createLog, type LogOptions } from '../../shared/telemetry/log.ts'

function written(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  return { log: createLog({ level: 'info', human: false, write, ...options }), lines }
}

test('what has no name in a line is never written', () => {
  const { log, lines } = written()
  const fields = { status: 200, authorization: 'Bearer secret', query: 'secret' }
  log.info('request', () => fields)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    time: expect.any(String),
    level: 'info',
    event: 'request',
    status: 200,
  })
})

test('of a fault its class, its code and its place are written, and never its message', () => {
  const { log, lines } = written()
  const faults = [
    new SyntaxError('Unexpected token, "secret" is not valid JSON'),
    new TypeError('Headers.append: "Bearer secret" is an invalid header value.'),
    Object.assign(new Error('connect redis://secret@host', { cause: 'secret' }), {
      code: 'ECONNREFUSED',
      input: 'secret',
    }),
    new Error('WRONGPASS invalid username-password pair, secret'),
    'secret',
  ]
  for (const fault of faults) log.error('request failed', fault, { request_id: 'r' })
  expect(lines.join()).not.toContain('secret')
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 'error', event: 'request failed', error: 'SyntaxError', request_id: 'r' },
    { error: 'TypeError', stack: expect.arrayContaining([expect.stringContaining('log.test.ts')]) },
    { error: 'Error', code: 'ECONNREFUSED' },
    { error: 'Error', code: 'WRONGPASS' },
    { error: 'string' },
  ])
})

test('only faults, where no more is asked for', () => {
  const { log, lines } = written({ level: 'error' })
  log.info('request', () => {
    throw new Error('not asked for')
  })
  log.error('the replay store failed', new Error('x'))
  expect(lines).toHaveLength(1)
})

test('for a person', () => {
  const { log, lines } = written({ human: true })
  log.info('request', () => ({ method: 'POST', route: '/v1/tpo/run', status: 200, ms: 812 }))
  log.info('request', () => ({ method: 'POST', route: '/v1/tpo/run', ms: 30, request_id: 'r' }))
  log.info('request', () => ({ method: 'POST', status: 404, problem: 'not_found', ms: 1 }))
  const step = { run_id: 'c0347ccb-bf5a', step: 'score', iteration: 1, replayed: false, ms: 57 }
  log.info('step', () => ({ ...step, best: 1.234, worst: -2, stop_reason: 'plateau' }))
  log.error('request failed', new TypeError('x'), { request_id: 'r' })
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
    'POST /v1/tpo/run  200  812 ms',
    'POST /v1/tpo/run  left  30 ms',
    'POST  404 not_found  1 ms',
    'run c0347ccb  score 1  best 1.23  worst -2.00  ends: plateau  57 ms',
    expect.stringMatching(/^request failed {2}request_id=r {2}error=TypeError\n {4}at /),
  ])
})
