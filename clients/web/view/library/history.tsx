import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Unreadable } from '../../../common/export/json.ts'
import { formatGain, formatReward } from '../../../common/format.ts'
import { currentRun } from '../../state/current-run.ts'
import {
  deleted,
  entries,
  type Entry,
  importRun,
  list,
  remove,
  undoRemove,
} from '../../state/library.ts'
import { addressOf } from '../../state/route.ts'
import { locale, words } from '../../words/index.ts'
import { Drop, FileButton } from '../parts/drop.tsx'
import { KeptNote } from './kept-note.tsx'

/** Every run this browser keeps: to find, open, delete and bring in. */
export function History() {
  const { library } = words.value
  const wanted = useSignal('')
  const wrong = useSignal<Unreadable | null>(null)
  useEffect(() => void list(), [])

  const open = async (file: File) => {
    const read = await importRun(await file.text())
    if (typeof read === 'string') location.hash = addressOf({ tab: 'optimize', run: read })
    else wrong.value = read
  }
  const all = entries.value
  const found = all?.filter((entry) => matches(entry, wanted.value)) ?? []

  return (
    <Drop class="history" onFile={(file) => void open(file)}>
      <header class="history-head">
        <div>
          <h1>{library.history}</h1>
          <p class="hint">{library.about}</p>
        </div>
        <FileButton
          label={library.import}
          accept=".json,application/json"
          onFile={(file) => void open(file)}
        />
      </header>
      <KeptNote />
      {wrong.value !== null && (
        <p class="kept-note is-wrong" role="alert">
          {library.unreadable(wrong.value)}
        </p>
      )}
      <Deleted />
      {all !== null && all.length > 0 && (
        <input
          type="search"
          class="search"
          aria-label={library.search}
          placeholder={library.search}
          onInput={({ currentTarget }) => {
            wanted.value = currentTarget.value
          }}
        />
      )}
      <ul class="entries">
        {found.map((entry) => (
          <EntryRow key={entry.id} entry={entry} />
        ))}
      </ul>
      {all !== null && found.length === 0 && (
        <p class="nothing">
          {all.length === 0 ? library.none : library.noMatch}{' '}
          {all.length === 0 && (
            <a href={addressOf({ tab: 'optimize', run: null })}>{library.ask}</a>
          )}
        </p>
      )}
      <p class="hint">{library.importAbout}</p>
    </Drop>
  )
}

/** Whether question or best answer have every word, in any order and case. */
function matches({ question, best }: Entry, wanted: string): boolean {
  const text = `${question}\n${best?.text ?? ''}`.toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function EntryRow({ entry }: { entry: Entry }) {
  const { library, compose } = words.value
  const { id, question, best, gain, mode, finished, branches, created_at } = entry
  const date = new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' })
  const drop = () => {
    if (currentRun.record.value?.id === id) currentRun.open(null)
    void remove(entry)
  }
  return (
    <li class="entry">
      <a href={addressOf({ tab: 'optimize', run: id })}>
        <span class="entry-question">{question}</span>
        <span class="entry-answer">{best?.text ?? library.noAnswer}</span>
      </a>
      <p class="entry-facts">
        <span>{compose.modes[mode].name}</span>
        <time dateTime={created_at}>{date.format(new Date(created_at))}</time>
        {branches > 1 && <span>{library.branches(branches)}</span>}
        {!finished && <span class="entry-open">{library.unfinished}</span>}
      </p>
      <p class="entry-worth">
        {best !== null && <span class="reward">{formatReward(best.reward)}</span>}
        {gain !== null && gain > 0 && <span class="gain">{formatGain(gain)}</span>}
      </p>
      <button
        type="button"
        class="entry-delete"
        aria-label={library.delete(question)}
        title={library.delete(question)}
        onClick={drop}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 4l8 8M12 4l-8 8" />
        </svg>
      </button>
    </li>
  )
}

function Deleted() {
  if (deleted.value === null) return null
  const { library } = words.value
  return (
    <p class="kept-note" role="status">
      {library.deleted(deleted.value.entry.question)}
      <button type="button" class="button" onClick={() => void undoRemove()}>
        {library.undo}
      </button>
    </p>
  )
}
