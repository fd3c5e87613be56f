/** How far a batch is: one line that updates on a terminal, a plain line a question elsewhere. */
import { formatCount, formatReward, formatSeconds } from '../../common/format.ts'

export interface Tally {
  readonly total: number
  /** Of which so many were finished before this start. */
  before: number
  done: number
  failed: number
  tokens: number
  /** Sum of the best rewards of those that are done. */
  reward: number
}

export interface Progress {
  /** A question has ended; `line` says how, for where lines are not rewritten. */
  ended: (line: string) => void
  /** The same of one that failed, which is said everywhere. */
  failed: (line: string) => void
  /** Something to know besides. */
  note: (line: string) => void
  clear: () => void
}

const barWidth = 24
const tickMs = 200

export function progressOn(stream: NodeJS.WriteStream, tally: Tally): Progress {
  const live = stream.isTTY && process.env['TERM'] !== 'dumb'
  const since = performance.now()
  const seconds = () => (performance.now() - since) / 1000
  const draw = () => {
    const line = progressLine(tally, seconds())
    stream.write(`\r\u001B[2K${line.slice(0, Math.max(20, stream.columns - 1))}`)
  }
  const timer = live ? setInterval(draw, tickMs) : undefined
  const note = (line: string) => {
    stream.write(live ? `\r\u001B[2K${line}\n` : `${line}\n`)
    if (live) draw()
  }
  const counted = (line: string) => note(`${tally.done + tally.failed}/${tally.total} ${line}`)
  return {
    ended: live ? () => undefined : counted,
    failed: counted,
    note,
    clear() {
      clearInterval(timer)
      if (live) stream.write('\r\u001B[2K')
    },
  }
}

/** Bar, count, rate, time left, tokens and mean reward, as far as they are known. */
export function progressLine(tally: Tally, seconds: number): string {
  const { total, before, done, failed, tokens, reward } = tally
  const ended = done + failed
  const filled = total === 0 ? barWidth : Math.floor((barWidth * ended) / total)
  const now = ended - before
  const rate = seconds > 0 ? now / seconds : 0
  return [
    `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${ended}/${total}`,
    ...(rate > 0
      ? [
          `${(rate * 60).toFixed(rate < 0.2 ? 1 : 0)}/min`,
          `${formatSeconds((total - ended) / rate)} left`,
        ]
      : []),
    `${formatCount(tokens)} tokens`,
    ...(done > 0 ? [`mean reward ${formatReward(reward / done)}`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(' · ')
}
