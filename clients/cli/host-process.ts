import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a program of the host in its own process, in our place: its terminal, signals and exit code. */
export async function runHost(
  program: 'start' | 'setup-cuda',
  flags: readonly string[],
): Promise<number> {
  const file = new URL(`../../host/${program}${extname(import.meta.url)}`, import.meta.url)
  const child = spawn(process.execPath, [fileURLToPath(file), ...flags], { stdio: 'inherit' })
  // One Ctrl-C may reach us twice (from the terminal and from npm), and the program by itself.
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
