/** What critic and optimizer were asked and said, in the entries of the reference's logs (yafuly/TPO and its TextGrad). */
import type { Step } from '../../../shared/tpo.ts'
import type { RunRecord } from '../../common/record.ts'

type LogEntry = Readonly<Record<string, string | number>>

/**
 * Of every iteration: the loss with its prompt, the gradient's prompt, the gradient, the update's
 * prompt. Beside what the reference has: the question's id, and `index`, which counts the rewrites
 * from 0 as INDEX does in the results.
 */
export function referenceLog(id: string, { nodes }: RunRecord): LogEntry[] {
  return nodes.flatMap(({ step }) => {
    if (step === null) return []
    const place = { id, index: step.iteration - 1 }
    return entriesOf(step).map((entry): LogEntry => Object.assign({ ...place }, entry))
  })
}

function entriesOf({ name, messages, text = '' }: Step): LogEntry[] {
  // A step that a deadline cut short.
  if (messages === undefined) return []
  const said = (role: 'system' | 'user') =>
    messages.find((message) => message.role === role)?.content ?? ''
  switch (name) {
    case 'loss':
      return [
        {
          msg: 'LLMCall function forward',
          text: `System:${said('system')}\nQuery: ${said('user')}\nResponse: ${text}`,
        },
      ]
    case 'gradient':
      return [
        { msg: '_backward_through_llm prompt', _backward_through_llm: said('user') },
        { msg: '_backward_through_llm gradient', _backward_through_llm: text },
      ]
    case 'update':
      return [{ msg: 'TextualGradientDescent prompt for update', prompt: said('user') }]
    default:
      return []
  }
}
