/** The API in this process, in front of paced models in another. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createApp } from '../../api/app.ts'
import { RunAnswer, type RunRequest } from '../../shared/tpo.ts'
import { ChatBody, type Pace } from '../fakes/paced-models.ts'
import { benchDeps } from './bench-deps.ts'

export interface Paced {
  /** Of the models. */
  url: string
  run: (request: RunRequest) => Promise<RunAnswer>
  /** What the policy was asked for `Question …`, in order. */
  asked: (question: number) => ChatBody[]
  forget: () => void
  close: () => void
}

export const question = (number: number, text: string) => `Question ${number}: ${text}`

/** `storeBytes` bounds what is kept for replay. */
export async function startPaced(pace: Pace, storeBytes = 2 ** 23): Promise<Paced> {
  const child = fork(resolve('tests/bench/models-process.ts'))
  child.send(pace)
  const [url]: unknown[] = await once(child, 'message')
  if (typeof url !== 'string') throw new Error('the models did not start')
  const asked = new Map<number, ChatBody[]>()
  const usual = globalThis.fetch
  globalThis.fetch = (input, init) => {
    if (typeof init?.body === 'string' && String(input).endsWith('/chat/completions')) {
      const number = Number(/Question (\d+)/.exec(init.body)?.[1])
      asked.set(number, [...(asked.get(number) ?? []), ChatBody.parse(JSON.parse(init.body))])
    }
    return usual(input, init)
  }
  const app = createApp(benchDeps({ policy: `${url}/v1`, reward: url }, storeBytes))
  return {
    url,
    async run(request) {
      const body = JSON.stringify(request)
      const headers = { 'content-type': 'application/json', 'content-length': `${body.length}` }
      const response = await app.request('/v1/tpo/run', { method: 'POST', headers, body })
      if (response.status !== 200) throw new Error(await response.text())
      return RunAnswer.parse(await response.json())
    },
    asked: (number) => asked.get(number) ?? [],
    forget: () => asked.clear(),
    close() {
      globalThis.fetch = usual
      child.disconnect()
    },
  }
}
