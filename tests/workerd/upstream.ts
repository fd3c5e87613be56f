/** Starts the fake upstreams in Node for the tests in workerd, and tells them where they are. */
import type { TestProject } from 'vitest/node'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { startFakeVllmRewards } from '../fakes/fake-reward-servers.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'
import { startGate } from '../fakes/gate.ts'
import { listen } from '../fakes/listen.ts'
import { readGoldenCursors } from '../fixtures/read-golden-cursors.ts'

declare module 'vitest' {
  interface ProvidedContext {
    policyUrl: string
    brokenPolicyUrl: string
    /** Sends everyone on to the policy. */
    redirectingPolicyUrl: string
    endlessPolicyUrl: string
    rewardUrl: string
    /** Before a policy without `n`, and before a vLLM classifier: gates for 12 samples. */
    narrowPolicyUrl: string
    narrowRewardUrl: string
    hangingPolicyUrl: string
    /** `/asked` answers once that policy was asked, `/abandoned` once a caller has left it. */
    hangingPolicyWatch: string
    /** Before a policy that 16 requests are expected of, by twos. */
    pairedPolicyUrl: string
    /** Refuses what is Forbidden. */
    refusingPolicyUrl: string
    /** Is out of order for its first five requests. */
    recoveringPolicyUrl: string
    brokenDownPolicyUrl: string
    endlessJobPolicyUrl: string
    /** As JSON: a lone surrogate in them does not pass in the open. */
    goldenCursors: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const policy = await startFakeVllm()
  const broken = await startFakeVllm()
  broken.behave({ midStream: 'drop' })
  const hanging = await startFakeVllm()
  hanging.behave({ midStream: 'hang' })
  const watch = await listen({
    fetch: async ({ url }) => {
      await (new URL(url).pathname === '/asked' ? hanging.asked() : hanging.abandoned())
      return new Response('yes')
    },
  })
  const endless = await startFakeVllm()
  endless.behave({ midStream: 'trickle' })
  const redirecting = await listen({
    fetch: ({ url }) => Response.redirect(new URL(new URL(url).pathname, policy.url), 307),
  })
  const reward = await startFakeReward()
  const single = await startFakeVllm()
  single.behave({ refusesN: true })
  const classifier = await startFakeVllmRewards()
  // The refusal of n = 12 and the first answer pass; the 11 others come by fives.
  const policyGate = await startGate({
    target: origin(single),
    free: 2,
    total: 11,
    width: 5,
  })
  const rewardGate = await startGate({ target: classifier.url, free: 0, total: 12, width: 5 })
  const paired = await startGate({ target: origin(policy), free: 0, total: 16, width: 2 })
  const refusing = await startFakeVllm()
  refusing.behave({
    status: ({ messages }) =>
      messages.some(({ content }) => content.includes('Forbidden')) ? 400 : undefined,
  })
  const recovering = await startFakeVllm()
  recovering.behave({ status: 503, times: 5 })
  const brokenDown = await startFakeVllm()
  brokenDown.behave({ status: 503 })
  const endlessJob = await startFakeVllm()
  endlessJob.behave({ midStream: 'trickle' })
  project.provide('pairedPolicyUrl', `${paired.url}/v1`)
  project.provide('refusingPolicyUrl', refusing.url)
  project.provide('recoveringPolicyUrl', recovering.url)
  project.provide('brokenDownPolicyUrl', brokenDown.url)
  project.provide('endlessJobPolicyUrl', endlessJob.url)
  project.provide('policyUrl', policy.url)
  project.provide('brokenPolicyUrl', broken.url)
  project.provide('redirectingPolicyUrl', `${redirecting.url}/v1`)
  project.provide('endlessPolicyUrl', endless.url)
  project.provide('rewardUrl', reward.url)
  project.provide('narrowPolicyUrl', `${policyGate.url}/v1`)
  project.provide('narrowRewardUrl', rewardGate.url)
  project.provide('hangingPolicyUrl', hanging.url)
  project.provide('hangingPolicyWatch', watch.url)
  project.provide('goldenCursors', JSON.stringify(readGoldenCursors()))
  return async () => {
    const gates = [policyGate, rewardGate, single, classifier]
    const ofJobs = [paired, refusing, recovering, brokenDown, endlessJob]
    const servers = [policy, broken, hanging, endless, watch, redirecting, reward]
    await Promise.all([...servers, ...gates, ...ofJobs].map((server) => server.close()))
  }
}

const origin = ({ url }: { url: string }) => new URL(url).origin
