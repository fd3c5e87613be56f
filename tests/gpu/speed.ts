/**
 * How fast the reward service is on CUDA, through HTTP, beside transformers on the same card. Prints
 * JSON.
 *
 *     node tests/gpu/speed.ts FOLDER   (of `make_models.py speed`)
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { randomIds } from './models.ts'

const Times = z.record(z.string(), z.number())
const Config = z.object({ vocab_size: z.number() })
const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

interface Service {
  loadSeconds: number
  score: (
    sequences: readonly (readonly number[])[],
  ) => Promise<{ wall: number; answer: RewardsAnswer }>
  close: () => Promise<void>
}

async function serve(model: string): Promise<Service> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(process.execPath, ['reward-service/server.ts'], {
    env: {
      ...process.env,
      TPO_REWARD_MODEL: model,
      TPO_REWARD_PORT: String(port),
      TPO_REWARD_DEVICES: 'cuda:0',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the reward service did not start')
    }),
  ])
  const loadSeconds = (performance.now() - began) / 1000
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const post = (body: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { port, path: '/v1/rewards', method: 'POST', agent }
      const sent = request(
        { ...options, headers: { 'content-type': 'application/json' } },
        (got) => {
          const parts: Buffer[] = []
          got.on('data', (part: Buffer) => parts.push(part))
          got.on('end', () => resolve(Buffer.concat(parts).toString()))
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    loadSeconds: Number(loadSeconds.toFixed(2)),
    async score(sequences) {
      const body = JSON.stringify({ sequences })
      const began = performance.now()
      const text = await post(body)
      const wall = performance.now() - began
      return { wall, answer: RewardsAnswer.parse(JSON.parse(text)) }
    },
    async close() {
      agent.destroy()
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

const round = (value: number) => Number(value.toFixed(2))
const median = (values: readonly number[]) =>
  round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN)

/** Medians in milliseconds; `first` is that of a shape that was never seen before. */
async function time(service: Service, sequences: readonly (readonly number[])[], runs = 11) {
  const first = (await service.score(sequences)).answer.timing.model
  const timings: Awaited<ReturnType<Service['score']>>[] = []
  for (let run = 0; run < runs; run++) timings.push(await service.score(sequences))
  const of = (pick: (timing: RewardsAnswer['timing']) => number) =>
    median(timings.map(({ answer }) => pick(answer.timing)))
  return {
    model: of(({ model }) => model),
    endToEnd: median(timings.map(({ wall }) => wall)),
    tokenize: of(({ tokenize }) => tokenize),
    queue: of(({ queue }) => queue),
    first: round(first),
  }
}

/** Sequences a second with so many callers, each of which sends one sequence after another. */
async function throughput(
  service: Service,
  { callers, each, count }: { callers: number; each: number; count: number },
  sequence: (number: number) => readonly number[],
): Promise<number> {
  let sent = 0
  const caller = async () => {
    while (sent < count) {
      const from = sent
      sent += each
      await service.score(Array.from({ length: each }, (_, place) => sequence(from + place)))
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  return round((1000 * sent) / (performance.now() - began))
}

async function measure(path: string) {
  const { vocab_size: vocabulary } = Config.parse(await json(join(path, 'config.json')))
  const ids = (seed: number, length: number) => [...randomIds(seed, length, vocabulary)]
  const prompt = ids(7, 512)
  const answers = (...lengths: readonly number[]) =>
    lengths.map((length, place) => prompt.concat(ids(100 + place, length)))
  const cases = {
    '1x1024': [ids(100, 1024)],
    '5x1024': [0, 1, 2, 3, 4].map((place) => ids(100 + place, 1024)),
    '512+5x512': answers(512, 512, 512, 512, 512),
    '512+(128..1024)': answers(128, 256, 512, 768, 1024),
    '200+5x300': [0, 1, 2, 3, 4].map((place) => ids(7, 200).concat(ids(100 + place, 300))),
  }
  const service = await serve(path)
  const times: Record<string, Awaited<ReturnType<typeof time>>> = {}
  for (const [name, sequences] of Object.entries(cases))
    times[name] = await time(service, sequences)
  const small = await time(service, [ids(3, 16)], 101)
  // No two alike, lest one be computed for the other.
  const pool = Array.from({ length: 512 }, (_, number) => ids(1000 + number, 256))
  const sequence = (number: number) => [number % vocabulary, ...(pool[number % 512] ?? [])]
  const count = 2048
  const warm = { callers: 4, each: 64, count: 512 }
  await throughput(service, warm, sequence)
  const batched = await throughput(service, { callers: 4, each: 64, count }, (number) =>
    sequence(number + 10_000),
  )
  const single = await throughput(service, { callers: 256, each: 1, count }, (number) =>
    sequence(number + 20_000),
  )
  await service.close()
  return {
    loadSeconds: service.loadSeconds,
    milliseconds: times,
    transformers: Times.parse(await json(join(path, 'transformers.json'))),
    overheadOfAnIdleCaller: round(small.endToEnd - small.model),
    sequencesPerSecond: { batched, '256 callers of one': single, ratio: round(single / batched) },
  }
}

const root = process.argv[2]
if (root === undefined) throw new Error('give the folder that make_models.py speed has made')
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {}
for (const name of (await readdir(root)).toSorted()) results[name] = await measure(join(root, name))
console.log(JSON.stringify(results, null, 2))
