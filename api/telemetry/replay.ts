import type { Log } from '../../shared/telemetry/log.ts'
import { counter } from '../../shared/telemetry/measured.ts'
import { attribute, metric } from '../../shared/telemetry/names.ts'
import { recording } from '../../shared/telemetry/traced.ts'
import { StepAnswer } from '../../shared/tpo.ts'
import { isStepKey, workOf } from '../replay/keys.ts'
import type { Replay } from '../replay/replay.ts'
import { stepReplayed } from './steps.ts'

const replays = counter(metric.replays, {
  description: 'Work that was asked for again and answered without being done',
})

const count = (key: string) => {
  const work = workOf(key)
  if (work !== undefined) replays(1, { [attribute.work]: work })
}

/** Steps that are answered without being taken are spans and log lines too; all such work is counted. */
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
      if (text !== undefined) {
        tell(key, text, began)
        // Who finds a completion there asks for it after that.
        if (workOf(key) !== 'completion') count(key)
      }
      return text
    },
    async once(key, work, call, isKept) {
      const began = performance.now()
      const answer = await replay.once(key, work, call, isKept)
      if (answer.replayed) {
        tell(key, answer.text, began)
        count(key)
      }
      return answer
    },
  }
}
