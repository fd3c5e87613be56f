/** A local policy whose worker dies. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture } from '../inference/fixtures.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'

let service: ServiceProcess
beforeAll(async () => {
  service = await startService('local-policy', fixture('tiny-policy-fp32'), { TPO_THREADS: '1' })
})
afterAll(() => service.stop())

const ask = (max_tokens: number, stream: boolean) =>
  service.post('/v1/chat/completions', {
    messages: [{ role: 'user', content: 'When?' }],
    max_tokens,
    stream,
    ignore_eos: true,
    seed: 7,
  })

// Which processes a process has started is told on Linux only.
test.runIf(process.platform === 'linux')(
  'what runs fails with what to do, and the next is served',
  async () => {
    const before = await (await ask(8, false)).json()
    const response = await ask(400, true)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let told = (await reader?.read())?.value ?? ''
    await service.killWorker()
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      told += part.value
    }
    expect(told).toMatch(/"message":"The model stopped and is being started again.*"code":503/)
    await service.until(service.ready)
    const after = await (await ask(8, false)).json()
    expect(after).toMatchObject({ usage: before.usage })
    expect(service.stderr()).toMatch(/has ended \(SIGKILL\); starting it again/)
  },
)
