/** The command that sets CUDA up. */
import { rmSync } from 'node:fs'
import { relative } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { StartError } from '../entry.ts'
import { withLock } from '../lock.ts'
import { findDriver } from './driver.ts'
import type { Scratch } from './place.ts'
import { readiness } from './report.ts'
import { findRuntime, type Runtime } from './runtime.ts'
import { type Outcome, setUp } from './setup.ts'

const description =
  "Puts ONNX Runtime's CUDA provider beside its core library (Linux x64), and says what is left to do for GPUs of NVIDIA. Run it again after an update of the packages."

const Options = z.object({ from: z.array(z.string()).default([]), source: z.string() })

/**
 * Runs the command; returns the exit code: 0 when the provider is in place, whether or not this
 * machine has all it needs, 1 when it is not, 2 for wrong usage.
 */
export async function setupCuda(argv: readonly string[]): Promise<number> {
  const program = new Command('setup cuda')
    .description(description)
    .option(
      '--from <paths...>',
      "take it from a wheel of onnxruntime-gpu, a NuGet package or a folder; also libraries of CUDA itself, from NVIDIA's wheels or a folder",
    )
    .option('--source <url>', 'service index of a NuGet gallery', address, nugetOrg)
    .allowExcessArguments(false)
    .exitOverride()
  try {
    program.parse(argv, { from: 'user' })
    const { from, source } = Options.parse(program.opts())
    const runtime = await findRuntime()
    const scratch: Scratch = new Set()
    const outcome = await untilInterrupted(scratch, () =>
      lockedSetUp(runtime, from, source, scratch),
    )
    await report(runtime, outcome)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const plain = inWords(error)
    console.error(plain instanceof StartError ? `tpo: ${plain.message}` : plain)
    return 1
  }
}

const nugetOrg = 'https://api.nuget.org/v3/index.json'

function address(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text)
  if (url.success) return url.data
  throw new InvalidArgumentError('It must be an http:// or https:// address.')
}

const lockedSetUp = (
  runtime: Runtime,
  from: readonly string[],
  gallery: string,
  scratch: Scratch,
): Promise<Outcome> => {
  const lock = `${runtime.folder}/tpo-edge-cuda.lock`
  return withLock(
    lock,
    () => {
      scratch.add(lock)
      return setUp({ runtime, from, gallery, scratch, output: process.stderr })
    },
    () => console.error('tpo: waiting for another process that sets CUDA up'),
  )
}

/** Does work that leaves nothing behind but what it finished, also on Ctrl-C. */
async function untilInterrupted<T>(scratch: Scratch, work: () => Promise<T>): Promise<T> {
  const cleanUp = () => {
    for (const path of scratch) rmSync(path, { force: true })
  }
  const leave = () => {
    cleanUp()
    console.error('\ntpo: stopped, nothing was changed; start again to go on')
    process.exit(130)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, leave)
  try {
    return await work()
  } finally {
    for (const signal of signals) process.off(signal, leave)
    cleanUp()
  }
}

async function report(runtime: Runtime, { placed, origin, libraries }: Outcome): Promise<void> {
  const driver = await findDriver()
  const done =
    placed.length === 0 ? 'nothing to do, all was in place' : `put in place: ${placed.join(', ')}`
  const lines = [
    `CUDA provider of ONNX Runtime ${runtime.version} in ${relative('', runtime.folder)}`,
    `  from ${origin}`,
    `  ${done}`,
    ...readiness(driver, libraries),
  ]
  console.log(lines.join('\n'))
}

/** What the file system says, in words. */
function inWords(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const full = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  return new StartError(full ? 'the disk is full; free some space and start again' : error.message)
}
