/** Starts the fake upstreams in Node for the tests in workerd, and tells them where they are. */
import type { TestProject } from 'vitest/node'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'

declare module 'vitest' {
  interface ProvidedContext {
    policyUrl: string
    brokenPolicyUrl: string
    endlessPolicyUrl: string
    rewardUrl: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const policy = await startFakeVllm()
  const broken = await startFakeVllm()
  broken.behave({ midStream: 'drop' })
  const endless = await startFakeVllm()
  endless.behave({ midStream: 'trickle' })
  const reward = await startFakeReward()
  project.provide('policyUrl', policy.url)
  project.provide('brokenPolicyUrl', broken.url)
  project.provide('endlessPolicyUrl', endless.url)
  project.provide('rewardUrl', reward.url)
  return async () => {
    await Promise.all([policy.close(), broken.close(), endless.close(), reward.close()])
  }
}
