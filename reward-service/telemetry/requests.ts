/** What a request waits for in the reward service, as spans inside its own. */
import { attribute, stage } from '../../shared/telemetry/names.ts'
import { pastSpan } from '../../shared/telemetry/past.ts'
import { note, recordedSpan, traced } from '../../shared/telemetry/traced.ts'
import type { RewardModel } from '../reward-model.ts'

type Scoring = Pick<RewardModel, 'name' | 'encode' | 'rewards'>

/** The same model; what it is asked inside a request is traced. */
export function observedModel<Model extends Scoring>(model: Model): Model {
  const { name, encode, rewards } = model
  const observed: Omit<Scoring, 'name'> = {
    encode: (sources, options, signal) =>
      traced(
        stage.tokenize,
        {
          signal,
          result: (encoded) => ({
            [attribute.sequences]: encoded.length,
            [attribute.tokens]: sum(encoded.map(({ ids }) => ids.length)),
            [attribute.cutTokens]: sum(encoded.map(({ cut }) => cut)),
          }),
        },
        () => encode(sources, options, signal),
      ),

    async rewards(sequences, signal) {
      const request = recordedSpan()
      if (request === undefined) return rewards(sequences, signal)
      note(request, () => ({ [attribute.responseModel]: name }))
      const from = performance.now()
      const about = { [attribute.sequences]: sequences.length }
      const queue = { parent: request, from, signal, attributes: () => about }
      try {
        const scored = await rewards(sequences, signal)
        pastSpan(stage.queue, { ...queue, to: from + scored.timing.queue })
        return scored
      } catch (error) {
        pastSpan(stage.queue, { ...queue, error })
        throw error
      }
    },
  }
  return { ...model, ...observed }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
