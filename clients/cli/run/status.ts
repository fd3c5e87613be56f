import type { Next, Run, StreamEvent } from '../../../shared/client.ts'
import { formatSeconds } from '../../common/format.ts'

const doing: Record<Next['step'], string> = {
  sample: 'sampling answers',
  score: 'scoring',
  loss: 'textual loss',
  gradient: 'textual gradient',
  update: 'rewriting',
}

export interface Status {
  begin(next: Next, run: Run): void
  event(event: StreamEvent): void
  /** Frees the line, so that something can be printed. */
  clear(): void
}

/** Progress on standard error: one line that updates on a terminal, one line a step elsewhere. */
export function statusOn(stream: NodeJS.WriteStream): Status {
  const started = performance.now()
  const live = stream.isTTY && process.env['TERM'] !== 'dumb'
  let line = ''
  let counts = ''
  let finished = 0
  let timer: NodeJS.Timeout | undefined

  const draw = () => {
    const count = counts === '' ? '' : ` ${finished}/${counts}`
    const time = formatSeconds((performance.now() - started) / 1000)
    stream.write(`\r\u001B[2K${line}${count} · ${time}`)
  }

  return {
    begin({ step, iteration }, { samples, iterations }) {
      line = `iteration ${iteration}/${iterations} · ${doing[step]}`
      counts = step === 'loss' || step === 'gradient' ? '' : String(samples)
      finished = 0
      if (!live) {
        stream.write(`${line}\n`)
        return
      }
      draw()
      timer ??= setInterval(draw, 100)
    },
    event({ type }) {
      if (type === 'candidate' || type === 'score') finished += 1
    },
    clear() {
      clearInterval(timer)
      timer = undefined
      if (live) stream.write('\r\u001B[2K')
    },
  }
}
