/** How near `tpo batch` comes to what its policy can write, and what the reference's schedule makes of the same work. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { startApi } from '../api/api-process.ts'
import { ChatBody, lengths, type Pace, writing } from '../fakes/paced-models.ts'
import { Command } from '../system/house.ts'
import { question } from './paced.ts'
import { critical, inChunks, referenceRun } from './reference-schedule.ts'
import { median, rounded } from './rounds.ts'

/**
 * A policy that writes four answers at once, ten times as fast as a real one would, so that what
 * the batch itself costs weighs ten times as much.
 */
const policy = {
  first: 40,
  token: 4,
  tokensPerDelta: 8,
  sequences: 4,
  medianTokens: 25,
  sigma: 0.5,
}
/** By the same measure, a reward model on a CPU: about as busy as the policy. */
const slowReward: Pace = { ...policy, pass: 10, passToken: 0.9 }
/** And one on a GPU, for which there is nothing to wait. */
const fastReward: Pace = { ...policy, pass: 2, passToken: 0.02 }

const iterations = 2
/** Questions at a time: of `tpo batch`, and of the reference's threads. */
const concurrency = 16

const queryOf = (number: number) =>
  question(number, `(${number}) ${'What is there to say about the sea? '.repeat(6)}`)

export async function batch() {
  return {
    what: `tpo batch, a process of its own, over the API's process, over models in a third that write ${policy.sequences} answers at once: D2-N5, answers of log-normal length, ${concurrency} questions at a time. Capacity: all answers' writing, ${policy.sequences} at once without a pause, over the time from the start of tpo batch to its end. The reference's schedule asks the same of the same models, also ${concurrency} questions at a time: it reads all answers, scores them one by one, and begins the next ${concurrency} when all are done`,
    hundred_questions_reward_on_cpu: await compared(slowReward, 100),
    fifty_questions_reward_on_gpu: await compared(fastReward, 50),
    target: '100 questions: of_capacity ≥ 0.95, reference_over_batch ≥ 1.5',
  }
}

async function compared(pace: Pace, count: number) {
  const models = fork(resolve('tests/bench/models-process.ts'))
  models.send(pace)
  const url = z.url().parse((await once(models, 'message'))[0])
  const folder = await mkdtemp(join(tmpdir(), 'tpo-bench-'))
  const api = await startApi({
    TPO_POLICY_BASE_URL: `${url}/v1`,
    TPO_REWARD_BASE_URL: url,
    TPO_CURSOR_KEYS: Buffer.alloc(32, 1).toString('base64url'),
  })
  try {
    const queries = Array.from({ length: count }, (_, number) => queryOf(number))
    const file = join(folder, 'questions.json')
    await writeFile(file, JSON.stringify(queries))
    const ours = await timed(() => tpoBatch(file, folder, api.url))
    const asked = z.array(ChatBody).parse(await (await fetch(`${url}/asked`)).json())
    const askedFor = Map.groupBy(asked, numberOf)
    const askedOf = (number: number) => askedFor.get(number) ?? []
    const numbers = queries.map((_, number) => number)
    const reference = await timed(() =>
      inChunks(numbers, concurrency, (number) =>
        referenceRun(url, queryOf(number), askedOf(number), iterations, pace),
      ),
    )
    const work = asked
      .flatMap((body) => lengths(body, pace))
      .reduce((sum, tokens) => sum + writing(tokens, pace), 0)
    const paths = numbers.map((number) => critical(queryOf(number), askedOf(number), pace))
    const shortest = work / pace.sequences
    return {
      pace,
      model_calls: asked.length,
      work_over_critical_path: rounded(work / median(paths), 1),
      shortest_over_critical_path: rounded(shortest / median(paths), 1),
      shortest_seconds: rounded(shortest / 1000),
      batch_seconds: rounded(ours / 1000),
      reference_seconds: rounded(reference / 1000),
      of_capacity: rounded(shortest / ours, 3),
      reference_over_batch: rounded(reference / ours),
    }
  } finally {
    await api.kill()
    models.disconnect()
    await rm(folder, { recursive: true })
  }
}

async function tpoBatch(file: string, folder: string, api: string): Promise<void> {
  const output = join(folder, 'out')
  const args = ['batch', file, '-o', output, '-n', '5', '-d', '2', '-c', String(concurrency)]
  const command = new Command(process.execPath, ['clients/cli/tpo.ts', ...args], {
    TPO_API_URL: api,
  })
  if ((await command.exit) !== 0) throw new Error(command.stderr)
  const results = (await readFile(`${output}.jsonl`, 'utf8')).trim().split('\n')
  if (results.some((line) => !line.includes('"status":"done"'))) throw new Error('not all are done')
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const numberOf = ({ messages }: ChatBody) =>
  Number(/Question (\d+)/.exec(messages.map(({ content }) => content).join('\n'))?.[1])
