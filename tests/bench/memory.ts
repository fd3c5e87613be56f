/** fp32 files are used where they lie: what a process takes besides them. Linux only. */
import { readFile, rm } from 'node:fs/promises'
import { fixture } from '../inference/fixtures.ts'
import { cpuDevice, group, shared } from './cpu-device.ts'
import { makeRandomModel, shapeName } from './random-model.ts'
import { rounded } from './rounds.ts'

export async function memory(threads: number) {
  const { path, fileBytes } = await makeRandomModel()
  const tiny = await anonymous(fixture('tiny-reward-fp32'), threads)
  const began = performance.now()
  const large = await anonymous(path, threads)
  const seconds = (performance.now() - began) / 1000
  await rm(path, { recursive: true })
  const megabytes = (bytes: number) => rounded(bytes / 1e6, 1)
  return {
    what: `anonymous memory of the process that runs the model, beyond that of one with a tiny model, once loaded and after a pass of 384 tokens; ${shapeName}`,
    file_mb: megabytes(fileBytes),
    loaded_mb: megabytes(large.loaded - tiny.loaded),
    after_a_pass_mb: megabytes(large.passed - tiny.passed),
    load_and_pass_seconds: rounded(seconds),
    target: 'loaded far below the file',
  }
}

async function anonymous(path: string, threads: number) {
  const device = await cpuDevice(path, threads)
  const children = await readFile('/proc/self/task/' + process.pid + '/children', 'utf8')
  const pid = children.trim().split(' ').at(-1)
  const bytes = async () => {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
    return 1024 * Number(/^Anonymous: +(\d+) kB/m.exec(rollup)?.[1])
  }
  const loaded = await bytes()
  const tokens = path.includes('tiny')
    ? group(10, 5, 2).map((ids) => ids.map((id) => id % 300))
    : group(224, 5, 32)
  await device.run(shared(tokens))
  const passed = await bytes()
  await device.close()
  return { loaded, passed }
}
