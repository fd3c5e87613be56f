import { styleText } from 'node:util'
import { type BackendStatus, TpoClient } from '../../../shared/client.ts'
import { failureLine } from '../failure.ts'
import { printable } from '../text.ts'

export interface DoctorOptions {
  api: string
  apiKey?: string | undefined
  json: boolean
}

/** Says how the servers behind a running API are. Returns the exit code: 1 when one is not well. */
export async function doctor({ api, apiKey, json }: DoctorOptions): Promise<number> {
  try {
    const answer = await new TpoClient({ baseUrl: api, apiKey }).backends()
    process.stdout.write(json ? `${JSON.stringify(answer)}\n` : table(answer.backends))
    return answer.ok ? 0 : 1
  } catch (error) {
    process.stderr.write(`${failureLine(error, api)}\n`)
    return 1
  }
}

const head = ['', 'server', 'speaks', 'reached', 'key', 'model', 'context', 'computes in', 'ms']

const yesNo = (value: boolean | null) => (value === null ? '?' : value ? 'yes' : 'no')

const row = (backend: BackendStatus): string[] => [
  backend.role,
  backend.server,
  backend.speaks,
  yesNo(backend.reachable),
  yesNo(backend.authorised),
  backend.model === null
    ? '?'
    : `${backend.model}${backend.model_present === false ? ' (not served)' : ''}`,
  String(backend.context_length ?? '?'),
  [backend.dtype, backend.provider].filter((part) => part !== null).join(' ') || '?',
  String(backend.latency_ms ?? '?'),
]

/** One row for each, and under the table what is wrong and what to do about it. */
function table(backends: readonly BackendStatus[]): string {
  const rows = [head, ...backends.map(row)].map((cells) => cells.map(printable))
  const widths = head.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const troubles = backends
    .filter(({ ok }) => !ok)
    .map(
      ({ role, detail }) =>
        `${styleText('bold', role, { stream: process.stdout })}: ${printable(detail)}`,
    )
  const verdict = troubles.length === 0 ? ['Everything is well.'] : troubles
  return `${[...lines, '', ...verdict].join('\n')}\n`
}
