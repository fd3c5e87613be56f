import { beforeEach, expect, test, vi } from 'vitest'
import { createProgress } from '../../host/download/progress.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  return () => vi.useRealTimers()
})

/** 20 GB at 100 MB/s, a quarter of which was there before. */
function run(isTTY: boolean, columns?: number): string {
  let printed = ''
  const output = { isTTY, columns, write: (text: string) => (printed += text) }
  const progress = createProgress('org/name', 20e9, output)
  progress.resumed(5e9)
  for (let count = 0; count < 1500; count++) {
    progress.received(1e7)
    vi.advanceTimersByTime(100)
  }
  progress.end()
  return printed
}

test('a log gets a line for each tenth', () => {
  const lines = run(false).trimEnd().split('\n')
  const percents = lines.map((line) => /^tpo: (\d+) % of 20\.0 GB.*: org\/name$/.exec(line)?.[1])
  expect(percents).toEqual(['25', '30', '40', '50', '60', '70', '80', '90', '100'])
  expect(lines.slice(0, 2)).toEqual([
    'tpo: 25 % of 20.0 GB: org/name',
    'tpo: 30 % of 20.0 GB, 101.0 MB/s, 2 min 19 s left: org/name',
  ])
})

test('a terminal gets one line that is rewritten, and left at the end', () => {
  const printed = run(true)
  expect(printed.match(/\n/g)).toHaveLength(1)
  const lines = printed.split('\r\u001B[K')
  expect(lines.at(-1)).toMatch(/^tpo: 100 % of 20\.0 GB, .*, 0 s left: org\/name\n$/)
})

test('which is never wider than the terminal', () => {
  const widths = run(true, 40)
    .split('\r\u001B[K')
    .map((line) => line.trimEnd().length)
  expect(Math.max(...widths)).toBeLessThan(40)
})
