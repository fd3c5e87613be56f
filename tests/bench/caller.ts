/** Callers of the load test, in a process of their own so that the service's is not theirs. */
import { Agent, request } from 'node:http'
import { z } from 'zod'

export interface Load {
  url: string
  /** Bodies of requests to `/classify`, in the order in which they are asked. */
  bodies: string[]
  /** How many callers ask at once, each one after the other. */
  callers: number
}

export interface Answered {
  seconds: number
  /** Rewards of all, in order. */
  rewards: number[]
}

process.once('message', async (load: Load) => process.send?.(await ask(load)))

async function ask({ url, bodies, callers }: Load): Promise<Answered> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const answers: string[] = []
  let next = 0
  const caller = async () => {
    for (let place = next++; place < bodies.length; place = next++) {
      answers[place] = await post(`${url}/classify`, bodies[place] ?? '', agent)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - began) / 1000
  agent.destroy()
  return { seconds, rewards: answers.flatMap(rewardsOf) }
}

const Classes = z.object({ data: z.array(z.object({ probs: z.array(z.number()) })) })

function rewardsOf(answer: string): number[] {
  const { data } = Classes.parse(JSON.parse(answer))
  return data.map(({ probs }) => probs[0] ?? NaN)
}

export function post(url: string, body: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`${response.statusCode}: ${text}`))
      })
    })
    call.on('error', reject).end(body)
  })
}
