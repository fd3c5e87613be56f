/** Results that are kept: with date, commit and hardware, in a file beside what measured them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

/** What the machine is and does now. */
export const machine = () => ({
  processor: cpus()[0]?.model,
  cores: availableParallelism(),
  memory_gb: Math.round(totalmem() / 1e9),
  load_before: loadavg()[0],
})

/** Writes `name`.json into the folder, and gives what it wrote. */
export function keepResult(
  folder: string,
  name: string,
  hardware: ReturnType<typeof machine>,
  result: object,
): object {
  const date = new Date().toISOString().slice(0, 10)
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const kept = { date, commit, node: process.version, hardware, ...result }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(kept, null, 2)}\n`)
  return kept
}
