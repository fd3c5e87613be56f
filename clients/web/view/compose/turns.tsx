import { useLayoutEffect, useRef } from 'preact/hooks'
import { turns } from '../../state/question.ts'
import { words } from '../../words/index.ts'

const roles = ['user', 'assistant'] as const

function change(at: number, part: Partial<(typeof turns.value)[number]>): void {
  turns.value = turns.value.map((turn, index) => (index === at ? { ...turn, ...part } : turn))
}

/** The conversation that the question goes on from; folded while there is none. */
export function Turns() {
  const { compose } = words.value
  const list = useRef<HTMLOListElement>(null)
  const added = useRef(false)
  const add = () => {
    const role = turns.value.at(-1)?.role === 'user' ? 'assistant' : 'user'
    turns.value = [...turns.value, { role, content: '' }]
    added.current = true
  }
  // Before anything else can have the focus: later it would be taken from who has gone on to write.
  useLayoutEffect(() => {
    if (!added.current) return
    added.current = false
    list.current?.querySelector<HTMLElement>('li:last-child textarea')?.focus()
  }, [turns.value.length])
  return (
    <div class="turns">
      <ol ref={list} aria-label={compose.turns}>
        {turns.value.map(({ role, content }, at) => (
          <li key={at} class={`turn is-${role}`}>
            <select
              class="choice"
              aria-label={compose.turnRole(at + 1)}
              value={role}
              onChange={({ currentTarget }) =>
                change(at, { role: roles.find((one) => one === currentTarget.value) ?? role })
              }
            >
              {roles.map((one) => (
                <option key={one} value={one}>
                  {compose.roles[one]}
                </option>
              ))}
            </select>
            <textarea
              rows={2}
              aria-label={compose.turn(at + 1)}
              value={content}
              onInput={(event) => change(at, { content: event.currentTarget.value })}
            />
            <button
              type="button"
              class="button quiet"
              aria-label={compose.removeTurn(at + 1)}
              onClick={() => {
                turns.value = turns.value.filter((_, index) => index !== at)
              }}
            >
              ✕
            </button>
          </li>
        ))}
      </ol>
      <button type="button" class="button quiet" onClick={add}>
        {compose.addTurn}
      </button>
    </div>
  )
}
