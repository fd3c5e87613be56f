import { type Signal, useSignal } from '@preact/signals'
import { formatCount, formatReward } from '../../../common/format.ts'
import { samePlace } from '../../state/roles.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { PlaceLink } from '../parts/place-link.tsx'

const columns = ['iteration', 'reward', 'length'] as const
type Column = (typeof columns)[number]

interface Order {
  readonly by: Column
  readonly descending: boolean
}

interface Row {
  readonly iteration: number
  readonly index: number
  readonly text: string
  readonly length: number
  /** Null until it is scored. */
  readonly reward: number | null
}

const excerptLength = 200

/** Every candidate of every iteration in one table, in an order of one's choice; folded. */
export function Candidates({ store }: { store: RunStore }) {
  const open = useSignal(false)
  const order = useSignal<Order>({ by: 'reward', descending: true })
  const count = store.rounds.value.reduce((sum, { lanes }) => sum + lanes.value.length, 0)
  if (store.run.value?.best == null) return null
  return (
    <details
      class="candidates"
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        <h2>{words.value.run.allAnswers(count)}</h2>
      </summary>
      {open.value && <Table store={store} order={order} />}
    </details>
  )
}

function Table({ store, order }: { store: RunStore; order: Signal<Order> }) {
  const text = words.value.run
  const best = store.run.value?.best
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text.columnAnswer}</th>
          {columns.map((column) => (
            <SortedColumn key={column} column={column} order={order} />
          ))}
          <th scope="col" class="excerpt">
            {text.columnText}
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted(rowsOf(store), order.value).map((row) => (
          <tr key={`${row.iteration} ${row.index}`} class={samePlace(best, row) ? 'is-best' : ''}>
            <th scope="row">
              <PlaceLink iteration={row.iteration} index={row.index} />
            </th>
            <td>{row.iteration}</td>
            <td>{row.reward === null ? '–' : formatReward(row.reward)}</td>
            <td>{formatCount(row.length)}</td>
            <td class="excerpt">
              <bdi>{row.text.slice(0, excerptLength)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function SortedColumn({ column, order }: { column: Column; order: Signal<Order> }) {
  const { by, descending } = order.value
  const sorts = by === column
  return (
    <th scope="col" aria-sort={sorts ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        class="sort"
        onClick={() => {
          order.value = { by: column, descending: sorts ? !descending : column !== 'iteration' }
        }}
      >
        {words.value.run.columns[column]}
        <span class="sort-mark" aria-hidden="true">
          {sorts ? (descending ? '↓' : '↑') : '↕'}
        </span>
      </button>
    </th>
  )
}

const rowsOf = ({ rounds }: RunStore): Row[] =>
  rounds.value.flatMap(({ iteration, lanes }) =>
    lanes.value.map(({ index, text, reward }) => ({
      iteration,
      index,
      text: text.value,
      length: text.value.length,
      reward: reward.value,
    })),
  )

/** Equals stay in the order they were drawn in; what has no reward comes last. */
function sorted(rows: readonly Row[], { by, descending }: Order): Row[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [one[by], other[by]]
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    return sign * (a - b)
  })
}
