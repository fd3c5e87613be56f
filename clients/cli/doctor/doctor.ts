import { ConnectionError, type TpoClient } from '../../../shared/client.ts'
import { failureLine } from '../failure.ts'
import { probeOf, untried } from './probe.ts'
import { type Checkup, reportLines } from './report.ts'
import { tryOut } from './trial.ts'

export interface DoctorOptions {
  client: TpoClient
  /** Where it is, for errors. */
  api: string
  /** Whether to spend tokens on what only a trial tells. */
  probe: boolean
  json: boolean
}

/** Says how the servers behind an API are. Returns the exit code: 1 when one is not well. */
export async function doctor({ client, api, probe, json }: DoctorOptions): Promise<number> {
  try {
    const answer = await checkUp(client, probe)
    const width = process.stdout.columns || 80
    process.stdout.write(json ? `${JSON.stringify(answer)}\n` : reportLines(answer, width))
    return answer.ok ? 0 : 1
  } catch (error) {
    const line = error instanceof ConnectionError ? unreached(api, error) : failureLine(error)
    process.stderr.write(`${line}\n`)
    return 1
  }
}

async function checkUp(client: TpoClient, probe: boolean): Promise<Checkup> {
  const answer = await client.backends()
  if (!probe) return { ...answer, probe: null }
  const isWell = (role: 'policy' | 'reward') =>
    answer.backends.every((backend) => backend.role !== role || backend.ok)
  if (!isWell('policy')) return { ...answer, probe: untried }
  process.stderr.write('trying them with a few short answers…\n')
  const probed = probeOf(await tryOut(client, isWell('reward')))
  const ok = answer.ok && probed.findings.every((finding) => finding.ok)
  return { ...answer, ok, probe: probed }
}

/** No API there: how to get one, and how to do without. */
const unreached = (api: string, error: Error) =>
  `error: no connection to the API at ${api}; start it with \`npm start\` or name another with --api, or give settings such as --policy-base-url to check them without it (${error.message})`
