import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Edit, StepName } from '../../../../shared/client.ts'
import { placeName } from '../../../common/format.ts'
import type { RunNode, RunRecord } from '../../../common/record.ts'
import { type Draft, withField } from '../../state/drafts.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { PairFields } from './pair-fields.tsx'
import { Refusal } from './refusal.tsx'
import { SamplingFields } from './sampling-fields.tsx'

interface EditFieldsProps {
  store: RunStore
  record: RunRecord
  node: RunNode
  /** The step that is next. */
  step: StepName
  draft: Signal<Draft>
}

/** What can be changed before a step, as the API's rules have it. */
export function EditFields({ store, record, node, step, draft }: EditFieldsProps) {
  const refusal = (field: keyof Edit) => refusalOf(store, field)
  const sampling = (
    <SamplingFields request={record.request} draft={draft} refusal={refusal('sampling')} />
  )
  switch (step) {
    case 'sample':
      return sampling
    case 'score':
      return <CandidateFields node={node} draft={draft} refusal={refusal} />
    case 'loss':
      return <PairFields path={store.path.value} draft={draft} refusal={refusal} />
    case 'gradient':
      return <TextField field="loss" node={node} draft={draft} refusal={refusal('loss')} />
    case 'update':
      return (
        <>
          <TextField field="gradient" node={node} draft={draft} refusal={refusal('gradient')} />
          {sampling}
        </>
      )
  }
}

/** What the API has against a field of the edit that was sent from here. */
function refusalOf({ failure }: RunStore, field: keyof Edit): string | null {
  const found = failure.value
  if (found?.kind !== 'problem' || found.path === undefined) return null
  const [, of, name = ''] = found.path.split(/[.[\]]+/)
  return of === 'edit' && name === field ? found.detail : null
}

interface TextFieldProps {
  field: 'loss' | 'gradient'
  node: RunNode
  draft: Signal<Draft>
  refusal: string | null
}

/** A text of the critic, to be written anew. */
function TextField({ field, node, draft, refusal }: TextFieldProps) {
  const written = node.step?.text ?? ''
  return (
    <Labelled id={`edit-${field}`} label={words.value.run[field]} refusal={refusal}>
      <textarea
        id={`edit-${field}`}
        rows={4}
        required
        value={draft.value[field] ?? written}
        aria-invalid={refusal !== null}
        aria-describedby={`edit-${field}-refusal`}
        onInput={({ currentTarget: { value } }) => {
          draft.value = withField(draft.value, field, value === written ? undefined : value)
        }}
      />
    </Labelled>
  )
}

interface LabelledProps {
  id: string
  label: string
  refusal: string | null
  children: ComponentChildren
}

function Labelled({ id, label, refusal, children }: LabelledProps) {
  return (
    <div class="edit-field">
      <label for={id}>{label}</label>
      {children}
      <Refusal id={`${id}-refusal`} text={refusal} />
    </div>
  )
}

interface CandidateFieldsProps {
  node: RunNode
  draft: Signal<Draft>
  refusal: (field: keyof Edit) => string | null
}

/** Which answers are scored, and a person's own beside them. */
function CandidateFields({ node, draft, refusal }: CandidateFieldsProps) {
  const text = words.value.steer
  const { step } = node
  const { add = [], drop = [] } = draft.value
  const write = (own: readonly string[]) => {
    draft.value = withField(draft.value, 'add', own.length === 0 ? undefined : [...own])
  }
  return (
    <>
      <fieldset class="edit-field to-score" aria-describedby="edit-drop-refusal">
        <legend>
          {text.candidates} <span class="hint">{text.candidatesAbout}</span>
        </legend>
        {step?.candidates?.map(({ index, text: answer }) => (
          <label key={index} class="candidate">
            <input
              type="checkbox"
              checked={!drop.includes(index)}
              onChange={({ currentTarget: { checked } }) => {
                const others = drop.filter((one) => one !== index)
                const dropped = checked ? others : [...others, index].sort((a, b) => a - b)
                draft.value = withField(
                  draft.value,
                  'drop',
                  dropped.length === 0 ? undefined : dropped,
                )
              }}
            />
            <span class="place">{placeName(step.iteration, index)}</span>
            <span class="gist">{answer === '' ? words.value.run.empty : answer}</span>
          </label>
        ))}
        <Refusal id="edit-drop-refusal" text={refusal('drop')} />
      </fieldset>
      {add.map((answer, at) => (
        <Labelled
          // oxlint-disable-next-line react/no-array-index-key -- they have nothing but their order
          key={at}
          id={`edit-add-${at}`}
          label={text.ownAnswer(at + 1)}
          refusal={at === 0 ? refusal('add') : null}
        >
          <textarea
            id={`edit-add-${at}`}
            rows={3}
            value={answer}
            onInput={({ currentTarget: { value } }) => write(add.with(at, value))}
          />
          <button
            type="button"
            class="button quiet"
            onClick={() => write(add.filter((_, other) => other !== at))}
          >
            {text.remove}
          </button>
        </Labelled>
      ))}
      <button type="button" class="button" onClick={() => write([...add, ''])}>
        {text.addAnswer}
      </button>
    </>
  )
}
