import { useSignal } from '@preact/signals'
import { type Question, type QuestionFile, readQuestions } from '../../../common/questions.ts'
import { startBatch } from '../../state/batch.ts'
import { nextRun } from '../../state/next-run.ts'
import { words } from '../../words/index.ts'
import { NumberField } from '../compose/number-field.tsx'
import { SettingsFields } from '../compose/settings-fields.tsx'
import { Drop, FileButton } from '../parts/drop.tsx'

interface BatchSetupProps {
  /** The batch whose place this one takes, by name. */
  replaced: string | null
  onStart: () => void
}

const accept = '.json,.jsonl,.ndjson,.csv,.tsv,application/json,text/csv'

/** A file of questions, what is in it, and how it is worked on. */
export function BatchSetup({ replaced, onStart }: BatchSetupProps) {
  const text = words.value.batch
  const file = useSignal<{ readonly name: string; readonly read: QuestionFile } | null>(null)
  const concurrency = useSignal(4)

  const take = async (chosen: File) => {
    file.value = { name: chosen.name, read: readQuestions(await chosen.text(), chosen.name) }
  }
  if (file.value === null) {
    return (
      <Drop class="drop" onFile={(chosen) => void take(chosen)}>
        <p class="drop-title">{text.drop}</p>
        <FileButton label={text.choose} accept={accept} onFile={(chosen) => void take(chosen)} />
        <p class="hint">{text.formats}</p>
        <pre lang="en">{example}</pre>
        <p class="hint">{text.formatsMore}</p>
      </Drop>
    )
  }
  const { name, read } = file.value
  const { questions } = read
  return (
    <Drop class="drop-again" onFile={(chosen) => void take(chosen)}>
      <div class="batch-file">
        <h2>{text.found(questions.length, name)}</h2>
        <FileButton label={text.another} accept={accept} onFile={(chosen) => void take(chosen)} />
      </div>
      <Faults read={read} />
      {questions.length > 0 && (
        <form
          class="composer"
          onSubmit={(event) => {
            event.preventDefault()
            const asked = questions.map(underSystem)
            void startBatch(name, asked, nextRun.request(), concurrency.value).then(onStart)
          }}
        >
          <Preview read={read} />
          <div class="composer-foot">
            <SettingsFields />
          </div>
          <div class="batch-go">
            <NumberField
              id="concurrency"
              label={text.concurrency}
              hint={text.concurrencyHint}
              value={concurrency}
              min={1}
              max={64}
            />
            <button type="submit" class="button primary">
              {text.start(questions.length)}
            </button>
          </div>
          {replaced !== null && <p class="hint">{text.replaces(replaced)}</p>}
        </form>
      )}
    </Drop>
  )
}

/** Under the system prompt of the settings, where it has none of its own. */
function underSystem(question: Question): Question {
  const system = nextRun.system.value
  const messages =
    'query' in question ? [{ role: 'user' as const, content: question.query }] : question.messages
  if (system.trim() === '' || messages.some(({ role }) => role === 'system')) return question
  return { id: question.id, messages: [{ role: 'system', content: system }, ...messages] }
}

const example = `{"id": "mail-1", "system": "Be brief.", "query": "Thank Ana for the flowers"}
{"id": "mail-2", "query": "Invite Tom to the workshop"}`

const shownFaults = 8
const shownQuestions = 4

function Faults({ read: { errors, unread } }: { read: QuestionFile }) {
  const text = words.value.batch
  return (
    <>
      {errors.length > 0 && (
        <div class="faults" role="alert">
          <p class="failure-title">{text.wrong(errors.length)}</p>
          <ul>
            {errors.slice(0, shownFaults).map((error) => (
              <li key={`${error.line}:${error.column ?? ''}`}>{text.error(error)}</li>
            ))}
            {errors.length > shownFaults && <li>{text.more(errors.length - shownFaults)}</li>}
          </ul>
        </div>
      )}
      {unread.length > 0 && <p class="hint">{text.unread(unread.join(', '))}</p>}
    </>
  )
}

function Preview({ read: { questions } }: { read: QuestionFile }) {
  const text = words.value.batch
  return (
    <ol class="preview">
      {questions.slice(0, shownQuestions).map((question) => (
        <li key={question.id}>
          <span class="place">{question.id}</span>
          <span>{'query' in question ? question.query : question.messages.at(-1)?.content}</span>
        </li>
      ))}
      {questions.length > shownQuestions && (
        <li class="hint">{text.more(questions.length - shownQuestions)}</li>
      )}
    </ol>
  )
}
