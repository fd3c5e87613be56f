/** What a run leaves behind: its steps' answers where they are kept for replay, and its result in a job. */
import { readFile } from 'node:fs/promises'
import { createApp } from '../../api/app.ts'
import { finished } from '../../api/jobs/question.ts'
import { runsByTenant } from '../../api/runs.ts'
import { TpoClient } from '../../shared/client.ts'
import { drive } from '../../shared/drive.ts'
import { JobQuestion, JobSettings } from '../../shared/jobs.ts'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { digest, startFakeVllm } from '../fakes/fake-vllm.ts'
import { listen } from '../fakes/listen.ts'
import { benchDeps } from './bench-deps.ts'

/** Of an answer and of a critique: 400 tokens of English. */
const length = 1600

export async function kept() {
  // Prose, which compresses as answers do.
  const prose = await readFile('docs/safety.md', 'utf8')
  const policy = await startFakeVllm({ maxModelLen: 100_000 })
  policy.behave({
    write({ messages, seed }, index) {
      const place = Number.parseInt(digest(JSON.stringify([messages, seed, index])), 16)
      const from = place % (prose.length - length)
      const text = prose.slice(from, from + length)
      return messages.some(({ content }) => content.includes('</answer>'))
        ? `<answer>${text}</answer>`
        : text
    },
  })
  const reward = await startFakeReward()
  const deps = benchDeps({ policy: policy.url, reward: reward.url }, 2 ** 24)
  const api = await listen(createApp(deps))
  try {
    const client = new TpoClient({ baseUrl: api.url })
    const query = 'word '.repeat(80)
    const began = await client.start({ query })
    let steps = 0
    let steps_bytes = 0
    let cursor = began.cursor
    for await (const answer of drive(began, (at) => client.step(at))) {
      steps += 1
      steps_bytes += JSON.stringify(answer).length
      cursor = answer.cursor
    }
    const question = JobQuestion.parse({ query })
    const order = { index: 0, question, settings: JobSettings.parse({}) }
    const result = await finished(runsByTenant(deps)(''), order, cursor)
    return {
      about: 'a D2-N5 run with answers and critiques of 400 tokens, as JSON',
      steps,
      steps_bytes,
      result_bytes: JSON.stringify(result).length,
    }
  } finally {
    await Promise.all([api.close(), policy.close(), reward.close()])
  }
}
