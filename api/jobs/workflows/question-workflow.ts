/** A question of a job as a Workflow of Cloudflare: each step of its run is one of the Workflow's. */
import {
  env,
  WorkflowEntrypoint,
  type WorkflowEvent,
  type WorkflowStep,
  type WorkflowStepConfig,
} from 'cloudflare:workers'
import { drive } from '../../../shared/drive.ts'
import type { Next } from '../../../shared/tpo.ts'
import { retries } from '../question.ts'
import { InstanceParams } from './instances.ts'
import { questionWork } from './question-work.ts'

/** Models have their own limits (TPO_POLICY_TIMEOUT_SECONDS…), which come first. */
const timeout = '4 hours'

const config: WorkflowStepConfig = {
  retries: { limit: retries.most, delay: retries.firstWait, backoff: 'exponential' },
  timeout,
}

/**
 * What stands outside of steps runs again whenever the instance is taken up again, and finds what
 * they gave. They give a place, and a problem that will not pass: never the answer itself.
 */
export class QuestionWorkflow extends WorkflowEntrypoint {
  async run({ payload }: WorkflowEvent, step: WorkflowStep): Promise<void> {
    // Unlike the instance's own it is the same object for all, so that their parts are made once.
    const work = questionWork(env, InstanceParams.parse(payload))
    const begun = await step.do('begin', config, ({ attempt }) => work.begin(attempt))
    let end = begun
    if (begun.cursor !== null) {
      const take = (cursor: string, next: Next) =>
        step.do(`${next.step} ${next.iteration}`, config, ({ attempt }) =>
          work.takeNext(cursor, attempt),
        )
      for await (const reached of drive(begun, take)) end = reached
    }
    await step.do('keep the result', config, () => work.keep(end))
  }
}
