import type { BackendStatus } from '../../../../shared/client.ts'
import { chooseModel, chosenModel } from '../../state/endpoints.ts'
import { words } from '../../words/index.ts'

/** Which of the server's models write and criticise in the next runs. */
export function ModelFields({ backend }: { backend: BackendStatus }) {
  const { connect } = words.value
  const { models, model } = backend
  return (
    <div class="model-fields">
      <ModelField
        of="policy"
        label={connect.writes}
        none={connect.firstModel(model)}
        models={models}
      />
      <ModelField of="critic" label={connect.criticises} none={connect.sameModel} models={models} />
    </div>
  )
}

interface ModelFieldProps {
  of: 'policy' | 'critic'
  label: string
  /** What it says where none is chosen. */
  none: string
  models: readonly string[]
}

/** A server that does not list its models may serve one by any name. */
function ModelField({ of, label, none, models }: ModelFieldProps) {
  const { connect } = words.value
  const chosen = chosenModel.value[of]
  const choose = ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
    chooseModel(of, value.trim() === '' ? null : value.trim())
  const gone = chosen !== null && !models.includes(chosen) ? chosen : null
  return (
    <label class="field">
      <span>{label}</span>
      {models.length === 0 ? (
        <input value={chosen ?? ''} placeholder={none} spellcheck={false} onChange={choose} />
      ) : (
        <select value={chosen ?? ''} onChange={choose}>
          <option value="">{none}</option>
          {gone !== null && (
            <option value={gone}>
              {gone} ({connect.notServed})
            </option>
          )}
          {models.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
    </label>
  )
}
