/** How far a download is, for a person. */

/** Where lines go: a terminal, where one line is rewritten, or a log. */
export interface Output {
  isTTY?: boolean
  /** Width of the terminal. */
  columns?: number
  write: (text: string) => unknown
}

export interface Progress {
  /** Bytes that were there before. */
  resumed: (bytes: number) => void
  /** Bytes that have just come. */
  received: (bytes: number) => void
  /** Takes back bytes, which will come again. */
  lost: (bytes: number) => void
  /** Leaves the line. */
  end: () => void
}

const redrawMilliseconds = 250

/** In a log, a line each tenth; on a terminal, one line that stays current. */
export function createProgress(name: string, total: number, output: Output): Progress {
  let began: number | undefined
  let there = 0
  let received = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  let drawnTenth = -1

  const line = () => {
    const seconds = (performance.now() - (began ?? 0)) / 1000
    const speed = received / seconds
    // The first bytes say nothing about those to come.
    const outlook =
      seconds < 1
        ? ''
        : `, ${(speed / 1e6).toFixed(1)} MB/s, ${duration((total - there) / speed)} left`
    return `tpo: ${Math.floor((there / total) * 100)} % of ${size(total)}${outlook}: ${name}`
  }
  const show = () => {
    const now = performance.now()
    const tenth = Math.floor((there / total) * 10)
    if (output.isTTY) {
      if (now - drawnAt < redrawMilliseconds && there < total) return
      // A line that is broken cannot be rewritten.
      output.write(`\r\u001B[K${line().slice(0, (output.columns ?? 80) - 1)}`)
      drawnAt = now
    } else if (tenth > drawnTenth) {
      output.write(`${line()}\n`)
      drawnTenth = tenth
    }
  }
  return {
    resumed(bytes) {
      there += bytes
    },
    received(bytes) {
      began ??= performance.now()
      there += bytes
      received += bytes
      show()
    },
    lost(bytes) {
      there -= bytes
    },
    end() {
      if (output.isTTY && Number.isFinite(drawnAt)) output.write('\n')
    },
  }
}

/** Bytes in words, as disks and downloads count them. */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${Math.ceil(bytes / 1e3)} kB`
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
