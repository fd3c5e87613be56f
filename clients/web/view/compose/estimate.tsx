import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Estimate as Estimated, StartRequest } from '../../../../shared/client.ts'
import { formatCost, formatRough } from '../../../common/format.ts'
import { clientFor } from '../../state/connection.ts'
import { nextRun } from '../../state/next-run.ts'
import { costOf } from '../../state/prices.ts'
import { question, saidTurns } from '../../state/question.ts'
import { words } from '../../words/index.ts'

/** A person who types is not asked about every letter. */
const pauseMs = 350

/** What the run would take. It is information only: where it cannot be had, nothing is shown. */
export function Estimate() {
  const estimate = useSignal<Estimated | null>(null)
  const request: StartRequest | null =
    question.value.trim() === '' ? null : nextRun.ask(question.value, saidTurns.value)
  const asked = JSON.stringify(request)
  useEffect(() => {
    if (request === null) return undefined
    const controller = new AbortController()
    const ask = async () => {
      try {
        // Nobody is asked for a key on account of it.
        const client = clientFor(null, true)
        estimate.value = await client.estimate(request, { signal: controller.signal })
      } catch {
        // A newer question, or an API that cannot be reached: the run itself will say so.
        if (!controller.signal.aborted) estimate.value = null
      }
    }
    const timer = setTimeout(() => void ask(), pauseMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [asked])
  if (request === null || estimate.value === null) return null
  const { model_calls, prompt_tokens, completion_tokens } = estimate.value
  const at = (end: 'typical' | 'high') => ({
    tokens: formatRough(prompt_tokens[end] + completion_tokens[end]),
    cost: costOf(prompt_tokens[end], completion_tokens[end]),
  })
  const usual = at('typical')
  const most = at('high')
  return (
    <p class="estimate">
      {words.value.compose.estimate(model_calls.typical, usual.tokens, most.tokens)}
      {usual.cost !== null &&
        most.cost !== null &&
        ` ${words.value.compose.estimateCost(formatCost(usual.cost), formatCost(most.cost))}`}
    </p>
  )
}
