/** `tpo batch` over thousands of questions: whether its memory grows, and what it keeps costs. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { createApp } from '../../api/app.ts'
import { instantModels } from '../fakes/instant-models.ts'
import { listen } from '../fakes/listen.ts'
import { benchDeps } from './bench-deps.ts'
import { rounded } from './rounds.ts'

const few = 1000
const all = 10_000
const concurrency = 32

export async function many() {
  const usual = globalThis.fetch
  globalThis.fetch = instantModels({ pieces: 8, pieceLength: 64 })
  const folder = await mkdtemp(join(tmpdir(), 'tpo-many-'))
  const api = await listen(
    createApp(
      benchDeps({ policy: 'http://127.0.0.1:1/v1', reward: 'http://127.0.0.1:1' }, 2 ** 23),
    ),
  )
  try {
    const first = await batchOf(few, folder, api.url)
    const whole = await batchOf(all, folder, api.url)
    const again = await batchOf(all, folder, api.url)
    return {
      what: `tpo batch in a process of its own, ${concurrency} questions at a time, best of two (two steps, each kept at once), three formats written; models that answer at once in the API's process. Heap: the most it held after a collection, looked at twice a second. The command once more, with all of it done: it reads what is kept, once before and once for each format`,
      [`${few}_questions`]: first,
      [`${all}_questions`]: whole,
      [`${all}_questions_once_more`]: again,
      mb_for_each_thousand: rounded((whole.heap_mb - first.heap_mb) / ((all - few) / 1000)),
      target: 'flat: a few kilobytes for a question, which are its own text and settings',
    }
  } finally {
    globalThis.fetch = usual
    await api.close()
    await rm(folder, { recursive: true })
  }
}

const Told = z.object({ heap: z.number(), rss: z.number() })

async function batchOf(count: number, folder: string, url: string) {
  const path = join(folder, `${count}.jsonl`)
  const lines = Array.from({ length: count }, (_, at) =>
    JSON.stringify({ id: at, query: at + text }),
  )
  await writeFile(path, lines.join('\n'))
  const began = performance.now()
  const before = process.cpuUsage()
  const output = ['-o', join(folder, String(count)), '--format', 'jsonl', 'csv', 'preferences']
  const settings = ['--mode', 'bon', '-n', '2', '-c', String(concurrency)]
  const child = fork(resolve('clients/cli/tpo.ts'), ['batch', path, ...output, ...settings], {
    env: { ...process.env, TPO_API_URL: url },
    execArgv: ['--import', resolve('tests/bench/live-heap.ts')],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const [[told], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')])
  if (code !== 0) throw new Error(`tpo batch ended with ${code}`)
  const { heap, rss } = Told.parse(told)
  const { user, system } = process.cpuUsage(before)
  return {
    heap_mb: rounded(heap / 1e6, 1),
    peak_rss_mb: rounded(rss / 1e6, 1),
    seconds: rounded((performance.now() - began) / 1000, 1),
    api_processor_seconds: rounded((user + system) / 1e6, 1),
  }
}

const text = ': why is the sea salt, and what would it take to change that?'
