import type { Log } from '../../shared/telemetry/log.ts'
import { recording } from '../../shared/telemetry/traced.ts'
import { StepAnswer } from '../../shared/tpo.ts'
import { isStepKey } from '../replay/keys.ts'
import type { Replay } from '../replay/replay.ts'
import { stepReplayed } from './steps.ts'

/** Steps that are answered without being taken are spans and log lines too. */
export function observedReplay(replay: Replay, log: Log): Replay {
  const tell = (key: string, text: string, began: number) => {
    if (!isStepKey(key) || !(recording() || log.level === 'info')) return
    const answer = StepAnswer.safeParse(JSON.parse(text))
    if (answer.success) stepReplayed(answer.data, began, log)
  }
  return {
    async find(key) {
      const began = performance.now()
      const text = await replay.find(key)
      if (text !== undefined) tell(key, text, began)
      return text
    },
    async once(key, work, call, isKept) {
      const began = performance.now()
      const answer = await replay.once(key, work, call, isKept)
      if (answer.replayed) tell(key, answer.text, began)
      return answer
    },
  }
}
