import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the supervisor in its own process, in our place: its terminal, signals and exit code. */
export async function start(flags: readonly string[]): Promise<number> {
  const supervisor = new URL(`../../host/start${extname(import.meta.url)}`, import.meta.url)
  const child = spawn(process.execPath, [fileURLToPath(supervisor), ...flags], { stdio: 'inherit' })
  // One Ctrl-C may reach us twice (from the terminal and from npm), and the supervisor by itself.
  let ending = false
  for (const signal of ends) {
    process.on(signal, () => {
      if (!ending) child.kill('SIGTERM')
      ending = true
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}
