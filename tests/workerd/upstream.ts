/** Starts the fake upstreams in Node for the tests in workerd, and tells them where they are. */
import type { TestProject } from 'vitest/node'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'
import { readGoldenCursors } from '../fixtures/read-golden-cursors.ts'

declare module 'vitest' {
  interface ProvidedContext {
    policyUrl: string
    brokenPolicyUrl: string
    rewardUrl: string
    /** As JSON: a lone surrogate in them does not pass in the open. */
    goldenCursors: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const policy = await startFakeVllm()
  const broken = await startFakeVllm()
  broken.behave({ midStream: 'drop' })
  const reward = await startFakeReward()
  project.provide('policyUrl', policy.url)
  project.provide('brokenPolicyUrl', broken.url)
  project.provide('rewardUrl', reward.url)
  project.provide('goldenCursors', JSON.stringify(readGoldenCursors()))
  return async () => {
    await Promise.all([policy.close(), broken.close(), reward.close()])
  }
}
